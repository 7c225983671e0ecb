using Gateway.Edge.Caching;
using Gateway.Edge.Guarding;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Telemetry;

/// <summary>One line in the log for each request, where the settings ask for it: ids, names and figures; never a body, a header or a secret.</summary>
internal sealed partial class RequestLines(TimeProvider time, ILogger<RequestLines> logger)
{
    /// <summary>Writes the line of a request that is settled.</summary>
    public void Write(RequestContext context)
    {
        // A turn of a request is no request of its own.
        if (!context.Settings.Telemetry.RequestLine || context.Bill is not null || !logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var trace = context.Trace?.Server.TraceId.ToHexString() ?? (context.KeptTrace != 0 ? EdgeTracing.Id(context.KeptTrace).ToHexString() : null) ?? Callers(context);
        LogRequest(
            context.Http.TraceIdentifier,
            trace,
            context.Operation.Name,
            context.ModelName,
            context.Key?.Id ?? "",
            context.Deployment?.Id ?? "",
            context.Status,
            EdgeMetrics.Name(context.Outcome),
            context.Failure?.Row.Code ?? "",
            context.Attempts.Made,
            Math.Round(time.GetElapsedTime(context.StartedTimestamp).TotalMilliseconds, 2),
            context.OverheadMicros,
            context.Tokens.Prompt,
            context.Tokens.Generated,
            context.CostNanoUsd,
            context.Cache is { } cache ? CacheFacts.NameOf(cache.Outcome) : "",
            context.Guard is { } guard ? GuardHeader.Text(guard) : "");
    }

    private static string Callers(RequestContext context) =>
        EdgeTracing.Caller(context.Http) is { TraceId: var id } && id != default ? id.ToHexString() : "";

    [LoggerMessage(LogLevel.Information, "request {RequestId} trace={TraceId} {Operation} model={Model} key={Key} deployment={Deployment} status={Status} outcome={Outcome} error={Error} attempts={Attempts} ms={Milliseconds} overhead_us={OverheadMicros} in={InputTokens} out={OutputTokens} cost_nano_usd={CostNanoUsd} cache={Cache} guardrails={Guardrails}")]
    private partial void LogRequest(
        string requestId,
        string traceId,
        string operation,
        string model,
        string key,
        string deployment,
        int status,
        string outcome,
        string error,
        int attempts,
        double milliseconds,
        long overheadMicros,
        long inputTokens,
        long outputTokens,
        long costNanoUsd,
        string cache,
        string guardrails);
}
