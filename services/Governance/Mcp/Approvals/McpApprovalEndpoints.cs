using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Contracts.Mcp;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage;
using Gateway.Mcp;

namespace Gateway.Governance.Mcp.Approvals;

/// <summary>Where people decide on calls that wait, and hubs ask.</summary>
internal static class McpApprovalEndpoints
{
    private const int MostChars = 512;
    private const int MostArguments = 8_000;

    public static void MapMcpApprovals(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/mcp/approvals").WithTags("MCP hub");
        group.MapGet("/", async (HttpContext context, CallApprovals approvals, ConfigStore store) =>
            {
                var reader = new QueryReader(context.Request.Query);
                var status = reader.Choice<ApprovalStatus?>("status", ("", null), ("pending", ApprovalStatus.Pending), ("approved", ApprovalStatus.Approved), ("denied", ApprovalStatus.Denied));
                var limit = (int?)reader.Number("limit", 1, ResourceEndpoints.MostItems) ?? ResourceEndpoints.DefaultLimit;
                reader.Close();
                if (reader.Errors.Any)
                {
                    return Problem.Invalid(reader.Errors.All).ToResult();
                }

                var items = await approvals.ListAsync(status, limit, context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new McpApprovalList { Items = [.. items.Select(i => i with { KeyName = store.Latest.NameOfKey(i.KeyId) })] }, McpApprovalJson.Default.McpApprovalList);
            })
            .WithName("listMcpApprovals")
            .WithSummary("Calls of tools that wait until somebody approves them, and those decided on within the last hour.")
            .WithDescription($"`status` is pending, approved or denied; `limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}. Whoever holds a virtual key sees that key's.")
            .Produces<McpApprovalList>().Refuses(400)
            .Access(CallApprovals.Kind, AccessAction.List).FiltersByReach();
        MapDecision(group, "approve", approve: true, "Lets one call pass: the same call of the same key, made within an hour.");
        MapDecision(group, "deny", approve: false, "Refuses a call that waits.");
    }

    /// <summary>Where hubs ask.</summary>
    public static void MapMcpApprovalExchange(this RouteGroupBuilder group) => group.MapPost("/mcp/approvals", async (HttpContext context, CallApprovals approvals) =>
    {
        McpApprovalAsk? ask;
        try
        {
            ask = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.McpApprovalAsk, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException malformed)
        {
            return Problem.Malformed($"The body does not ask for an approval: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}.").ToResult();
        }

        if (ask is null || ask.Digest.Length != 64 || ask.KeyId.Length > MostChars || ask.TeamId.Length > MostChars || ask.ServerId.Length is 0 or > MostChars || !McpIds.IsGoodTool(ask.Tool)
            || ask.Reason.Length > 2 * MostChars || ask.Arguments.Length > MostArguments)
        {
            return Problem.Malformed("The body does not ask for an approval: it needs a digest of 64 characters, a server and a tool, and has short texts.").ToResult();
        }

        return await approvals.AskAsync(ask, context.RequestAborted).ConfigureAwait(false) is { } state
            ? Results.Json(state, ContractsJson.Default.ApprovalState)
            : new Problem { Status = 503, Title = "Too many calls wait for approval.", Code = "too_many_approvals", Detail = "Decide on some, or wait until they are forgotten." }.ToResult();
    });

    private static void MapDecision(RouteGroupBuilder group, string name, bool approve, string summary) =>
        group.MapPost($"/{{id}}/{name}", async (HttpContext context, CallApprovals approvals, string id) =>
                await approvals.DecideAsync(id, approve, context.RequestAborted).ConfigureAwait(false) is { } view
                    ? Results.Json(view, McpApprovalJson.Default.McpApprovalView)
                    : Problem.NotFound("call that you may decide on", id).ToResult())
            .WithName($"{name}McpCall")
            .WithSummary(summary)
            .Produces<McpApprovalView>().Refuses(404)
            .Access(CallApprovals.Kind, AccessAction.Change).FiltersByReach();
}
