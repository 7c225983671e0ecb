using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.ServiceDefaults.Discovery;

namespace Gateway.Edge.Guarding;

/// <summary>Asks the guardrail service for its verdict on prompts.</summary>
internal sealed partial class ServiceGuard(IServiceClients clients, ILogger<ServiceGuard> logger) : IInputGuard
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(5);

    public ValueTask<Failure?> CheckAsync(RequestContext context) =>
        context.Settings.BlockedTerms.Count == 0 ? default : AskAsync(context, PromptTexts.Collect(context));

    public ValueTask<Failure?> CheckAsync(RequestContext context, List<string> texts) =>
        context.Settings.BlockedTerms.Count == 0 ? default : AskAsync(context, texts);

    private async ValueTask<Failure?> AskAsync(RequestContext context, List<string> prompt)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.Http.RequestAborted);
        limit.CancelAfter(_limit);
        try
        {
            foreach (var texts in prompt.Chunk(GuardCheckRequest.MaxTexts))
            {
                if (await VerdictAsync(context.Settings, texts, limit.Token).ConfigureAwait(false) != GuardCheckVerdict.Allow)
                {
                    return GuardFailures.Blocked();
                }
            }

            return null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException && !context.Http.RequestAborted.IsCancellationRequested)
        {
            LogNoVerdict(e.Message, context.Settings.GuardrailFailure);
            return context.Settings.GuardrailFailure == FailPolicy.Open ? null : GuardFailures.Unavailable();
        }
    }

    private async Task<GuardCheckVerdict?> VerdictAsync(GatewaySettings settings, string[] texts, CancellationToken cancellationToken)
    {
        var request = new GuardCheckRequest
        {
            Direction = GuardDirection.Input,
            Texts = texts,
            Policy = new GuardCheckPolicy { BlockedTerms = settings.BlockedTerms },
        };
        using var response = await clients.Get(WireNames.Guardrails)
            .PostAsJsonAsync("/v1/check", request, ContractsJson.Default.GuardCheckRequest, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardCheckResponse, cancellationToken).ConfigureAwait(false);
        return answer?.Verdict;
    }

    [LoggerMessage(LogLevel.Warning, "no verdict of the guardrail service ({Reason}); policy: fail {Policy}")]
    private partial void LogNoVerdict(string reason, FailPolicy policy);
}
