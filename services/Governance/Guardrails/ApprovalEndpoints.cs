using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Guardrails;

/// <summary>Where administrators decide on requests that wait, and edges ask.</summary>
internal static class ApprovalEndpoints
{
    private const int MostChars = 512;

    public static void MapApprovals(this RouteGroupBuilder api)
    {
        api.MapGet("/approvals", async (HttpContext context, ApprovalStore store, ConfigStore names, string? status, int? limit) =>
            {
                if (Paging.Wrong(limit) is { } wrong)
                {
                    return wrong.ToResult();
                }

                ApprovalStatus? asked = null;
                if (status is not null)
                {
                    if (!Enum.TryParse<ApprovalStatus>(status, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
                    {
                        return Problem.Malformed($"'status' must be one of {string.Join(", ", Enum.GetNames<ApprovalStatus>())}.").ToResult();
                    }

                    asked = parsed;
                }

                var items = await store.ListAsync(asked, limit ?? ResourceEndpoints.DefaultLimit, context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new ApprovalList { Items = [.. items.Select(i => i with { KeyName = names.Latest.NameOfKey(i.KeyId) })] }, GuardrailJson.Default.ApprovalList);
            })
            .WithTags("Guardrail policies")
            .WithName("listApprovals")
            .WithSummary("Requests that a guardrail policy holds until somebody approves them.")
            .Produces<ApprovalList>().Refuses(400)
            .Access("approval", AccessAction.List);
        MapDecision(api, "approve", approve: true, "Lets a request pass: the same request of the same key, within an hour.");
        MapDecision(api, "deny", approve: false, "Refuses a request that waits.");
    }

    /// <summary>Where edges ask.</summary>
    public static void MapApprovalExchange(this RouteGroupBuilder group) => group.MapPost("/approvals", async (HttpContext context, ApprovalStore store) =>
    {
        ApprovalAsk? ask;
        try
        {
            ask = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.ApprovalAsk, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException malformed)
        {
            return Problem.Malformed($"The body does not ask for an approval: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}.").ToResult();
        }

        if (ask is null || ask.Digest.Length is 0 or > 64 || ask.KeyId.Length is 0 or > MostChars || ask.Policy.Length > MostChars || ask.Model.Length > MostChars || ask.TeamId.Length > MostChars
            || ask.RequestId.Length > MostChars || ask.Kinds.Count > 100 || ask.Kinds.Any(static k => k is null || k.Length > 64))
        {
            return Problem.Malformed("The body does not ask for an approval: it needs a digest and a key.").ToResult();
        }

        return await store.AskAsync(ask, context.RequestAborted).ConfigureAwait(false) is { } state
            ? Results.Json(state, ContractsJson.Default.ApprovalState)
            : new Problem { Status = 503, Title = "Too many requests wait for approval.", Code = "too_many_approvals", Detail = "Decide on some, or wait until they are forgotten." }.ToResult();
    });

    private static void MapDecision(RouteGroupBuilder api, string name, bool approve, string summary) =>
        api.MapPost($"/approvals/{{id}}/{name}", async (HttpContext context, ApprovalStore store, string id) =>
                await store.DecideAsync(id, approve, context.RequestAborted).ConfigureAwait(false) is { } view
                    ? Results.Json(view, GuardrailJson.Default.ApprovalView)
                    : Problem.NotFound("approval", id).ToResult())
            .WithTags("Guardrail policies")
            .WithName($"{name}Request")
            .WithSummary(summary)
            .Produces<ApprovalView>().Refuses(404)
            .Access("approval", AccessAction.Change);
}
