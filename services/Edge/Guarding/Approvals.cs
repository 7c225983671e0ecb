using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Edge.Errors;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding;

/// <summary>Requests that wait until somebody approves them. Governance keeps who asks and what was decided; the text stays with the caller, who sends it again.</summary>
internal sealed class Approvals(Func<HttpClient>? governance)
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    /// <summary>Whether a request was approved.</summary>
    /// <returns>Null when it was; else what the caller is told.</returns>
    public async ValueTask<Failure?> CheckAsync(RequestContext context, GuardOutcome outcome, ReadOnlyMemory<byte> content)
    {
        if (governance is null)
        {
            return new Failure(GatewayError.ApprovalRequired, Step.GuardInput, "A guardrail policy wants somebody to approve this request, and this gateway runs without governance, which keeps approvals.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.Http.RequestAborted);
        limit.CancelAfter(_limit);
        try
        {
            using var response = await governance().PostAsJsonAsync("/internal/approvals", AskOf(context, outcome, content.Span), ContractsJson.Default.ApprovalAsk, limit.Token).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            var state = await response.Content.ReadFromJsonAsync(ContractsJson.Default.ApprovalState, limit.Token).ConfigureAwait(false);
            return state switch
            {
                null => GuardFailures.Unavailable(),
                { Status: ApprovalStatus.Approved } => null,
                { Status: ApprovalStatus.Denied } => Of(state.Id, outcome.Message, $"The approval '{state.Id}' of this request was denied."),
                _ => Of(state.Id, outcome.Message, $"This request needs an administrator's approval: ask for '{state.Id}', then send the same request again with the header '{GatewayHeaders.Approval}: {state.Id}'."),
            };
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException && !context.Http.RequestAborted.IsCancellationRequested)
        {
            return GuardFailures.Unavailable();
        }
    }

    private static Failure Of(string id, string? message, string what) =>
        new(GatewayError.ApprovalRequired, Step.GuardInput, message is null ? what : $"{message} {what}") { Approval = id };

    private static ApprovalAsk AskOf(RequestContext context, GuardOutcome outcome, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Key!.Id}\n{context.ModelName}\n"));
        hash.AppendData(content);
        var asking = outcome.Findings.Where(static f => f.Action == GuardrailAction.Approve).ToList();
        return new ApprovalAsk
        {
            Id = context.Http.Request.Headers[GatewayHeaders.Approval].ToString() is { Length: > 0 and <= 64 } id ? id : null,
            Digest = Convert.ToHexStringLower(hash.GetHashAndReset()),
            Policy = asking.Count > 0 ? asking[0].Policy : "",
            Kinds = [.. asking.Select(static f => f.Kind).Distinct(StringComparer.Ordinal).Take(20)],
            KeyId = context.Key.Id,
            TeamId = context.Key.TeamId,
            Model = context.ModelName,
            RequestId = context.Http.TraceIdentifier,
        };
    }
}
