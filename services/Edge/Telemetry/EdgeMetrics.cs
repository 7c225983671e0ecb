using System.Diagnostics.Metrics;
using Gateway.Contracts.Usage;
using Gateway.Edge.Guarding;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Telemetry;

/// <summary>What the edge counts of each request. Nothing is computed for an instrument that nobody listens to.</summary>
internal sealed class EdgeMetrics : IDisposable
{
    public const string MeterName = "Gateway.Edge";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstByte;
    private readonly Counter<long> _tokens;
    private readonly Counter<double> _cost;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _rules;
    private readonly Counter<long> _unseen;

    public EdgeMetrics()
    {
        _requests = _meter.CreateCounter<long>("gateway.requests", "{request}", "Inference requests settled, by operation, outcome and provider.");
        _duration = _meter.CreateHistogram<double>("gateway.request.duration", "s", "From a request's arrival to its last byte.");
        _firstByte = _meter.CreateHistogram<double>("gateway.request.first_byte", "s", "From a streamed request's arrival to its first event.");
        _tokens = _meter.CreateCounter<long>("gateway.tokens", "{token}", "Tokens by class and provider.");
        _cost = _meter.CreateCounter<double>("gateway.cost", "usd", "Cost of settled requests in US dollars, by provider.");
        _lost = _meter.CreateCounter<long>("gateway.journal.lost_records", "{record}", "Usage records that could not be written; each is also an error in the log.");
        _refused = _meter.CreateCounter<long>("gateway.requests.unauthenticated", "{request}", "Requests without a valid key.");
        _unseen = _meter.CreateCounter<long>("gateway.guardrails.unseen", "{request}", "Requests with something that no guardrail can look at: media, or bytes that are no text; by operation.");
        _rules = _meter.CreateCounter<long>("gateway.guardrails.rules", "{request}", "Requests in which a guardrail rule found something or failed, by policy, detector, action, mode and result.");
    }

    public void Count(RequestContext context, long costNanoUsd, TimeProvider time)
    {
        if (context.Key is null)
        {
            _refused.Add(1);
            return;
        }

        var provider = context.Deployment?.Provider.Id ?? "none";
        if (_requests.Enabled)
        {
            _requests.Add(1, new("operation", context.Operation.Name), new("outcome", Name(context.Outcome)), new("provider", provider));
        }

        if (context.Guard is { } guard && _rules.Enabled)
        {
            CountRules(guard);
        }

        if (context.Guard is { HasUnseen: true } && _unseen.Enabled)
        {
            _unseen.Add(1, new KeyValuePair<string, object?>("operation", context.Operation.Name));
        }

        if (_duration.Enabled)
        {
            _duration.Record(time.GetElapsedTime(context.StartedTimestamp).TotalSeconds, new("operation", context.Operation.Name), new KeyValuePair<string, object?>("provider", provider));
        }

        if (_firstByte.Enabled && context.FirstByteTimestamp != 0)
        {
            _firstByte.Record(time.GetElapsedTime(context.StartedTimestamp, context.FirstByteTimestamp).TotalSeconds, new KeyValuePair<string, object?>("provider", provider));
        }

        if (_tokens.Enabled)
        {
            ref var tokens = ref context.Tokens;
            CountTokens("input", tokens.Input, provider);
            CountTokens("cache_read", tokens.CacheRead, provider);
            CountTokens("cache_write", tokens.CacheWrite, provider);
            CountTokens("audio_input", tokens.AudioInput, provider);
            CountTokens("output", tokens.Output, provider);
            CountTokens("reasoning", tokens.Reasoning, provider);
            CountTokens("audio_output", tokens.AudioOutput, provider);
            CountTokens("cache_write_hour", tokens.CacheWriteHour, provider);
            CountTokens("audio_cache_read", tokens.AudioCacheRead, provider);
            CountTokens("image_input", tokens.ImageInput, provider);
            CountTokens("image_cache_read", tokens.ImageCacheRead, provider);
            CountTokens("image_output", tokens.ImageOutput, provider);
        }

        if (costNanoUsd != 0 && _cost.Enabled)
        {
            _cost.Add(costNanoUsd / 1e9, new KeyValuePair<string, object?>("provider", provider));
        }
    }

    public void CountLostRecord() => _lost.Add(1);

    public void Dispose() => _meter.Dispose();

    private void CountTokens(string tokenClass, long count, string provider)
    {
        if (count != 0)
        {
            _tokens.Add(count, new("class", tokenClass), new KeyValuePair<string, object?>("provider", provider));
        }
    }

    private void CountRules(GuardState guard)
    {
        foreach (var note in guard.Notes.Where(static n => n.Count > 0 || n.Failure is not null).DistinctBy(static n => (n.Policy, n.Rule, n.Failure is null)))
        {
            _rules.Add(
                1,
                new("policy", note.Policy),
                new("detector", note.Detector),
                new("action", note.Action.ToString().ToLowerInvariant()),
                new("mode", note.Mode.ToString().ToLowerInvariant()),
                new KeyValuePair<string, object?>("result", note.Failure is null ? "found" : "failed"));
        }
    }

    private static string Name(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Completed => "completed",
        RequestOutcome.Rejected => "rejected",
        RequestOutcome.UpstreamError => "upstream_error",
        RequestOutcome.UpstreamUnavailable => "upstream_unavailable",
        RequestOutcome.UpstreamCut => "upstream_cut",
        RequestOutcome.ClientCancelled => "client_cancelled",
        RequestOutcome.ContentBlocked => "content_blocked",
        _ => "gateway_stopped",
    };
}
