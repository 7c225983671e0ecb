using System.Diagnostics.Metrics;
using Gateway.Contracts.Usage;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.ServiceDefaults.Telemetry;

namespace Gateway.Edge.Telemetry;

/// <summary>
/// What the edge counts of each request. Nothing is computed for an instrument that nobody listens to. Labels come from the configuration and from fixed lists, never from
/// callers.
/// </summary>
internal sealed class EdgeMetrics : IDisposable
{
    public const string MeterName = "Gateway.Edge";

    /// <summary>One request in so many has its steps measured.</summary>
    public const int StepsOf = 8;

    private static readonly double[] _microseconds = [0.000_01, 0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 30];
    private static readonly double[] _perToken = [0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5];

    private readonly TimeProvider _time;
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstByte;
    private readonly Histogram<double> _perOutputToken;
    private readonly Histogram<double> _overhead;
    private readonly Histogram<double> _steps;
    private readonly Counter<long> _tokens;
    private readonly Counter<double> _cost;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _guarded;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _rules;
    private long _counted;
    private long _streams;
    private readonly Counter<long> _unseen;

    public EdgeMetrics(TimeProvider time)
    {
        _time = time;
        _requests = _meter.CreateCounter<long>("gateway.requests", "{request}", "Inference requests settled, by operation, outcome, provider and route.");
        _duration = _meter.CreateHistogram<double>("gateway.request.duration", "s", "From a request's arrival until it was settled, which is before its last byte.");
        _firstByte = _meter.CreateHistogram<double>("gateway.request.first_byte", "s", "From a streamed request's arrival to its first event.");
        _perOutputToken = Histogram("gateway.request.time_per_output_token", "Time between two output tokens of a stream: from its first event to its end, divided by the tokens after the first.", _perToken);
        _overhead = Histogram("gateway.request.overhead", "The gateway's own time until the head of an answer or the first event of a stream: without the arrival of the caller's body and the calls of providers.", _microseconds);
        _steps = Histogram("gateway.step.duration", "Time in each step of the pipeline, of one request in eight.", _microseconds);
        _tokens = _meter.CreateCounter<long>("gateway.tokens", "{token}", "Tokens by class, provider and route.");
        _cost = _meter.CreateCounter<double>("gateway.cost", "usd", "Cost of settled requests in US dollars, by class, provider and route.");
        _failures = _meter.CreateCounter<long>("gateway.failures", "{request}", "Requests that ended with an error of the gateway's, by its code, whose fault it is, and the step.");
        _calls = _meter.CreateCounter<long>("gateway.calls", "{call}", "Calls of providers that were made, by provider and whether they answered.");
        _guarded = _meter.CreateCounter<long>("gateway.guardrails.requests", "{request}", "Requests under guardrail policies, by what became of them.");
        _lost = _meter.CreateCounter<long>("gateway.journal.lost_records", "{record}", "Usage records that could not be written; each is also an error in the log.");
        _refused = _meter.CreateCounter<long>("gateway.requests.unauthenticated", "{request}", "Requests without a valid key.");
        _unseen = _meter.CreateCounter<long>("gateway.guardrails.unseen", "{request}", "Requests with something that no guardrail can look at: media, or bytes that are no text; by operation.");
        _rules = _meter.CreateCounter<long>("gateway.guardrails.rules", "{request}", "Requests in which a guardrail rule found something or failed, by policy, detector, action, mode and result.");
        _meter.CreateObservableGauge("gateway.streams.open", () => Interlocked.Read(ref _streams), "{stream}", "Streams that are being passed on.");
    }

    /// <summary>Streams that are being passed on.</summary>
    public long OpenStreams => Interlocked.Read(ref _streams);

    /// <summary>Counts a request that is settled.</summary>
    public void Count(RequestContext context)
    {
        if (context.IsRelaying)
        {
            context.IsRelaying = false;
            Interlocked.Decrement(ref _streams);
        }

        if (context.Key is null)
        {
            _refused.Add(1);
            return;
        }

        var provider = context.Deployment?.Provider.Id ?? "none";
        var route = context.Route?.Entry.Name ?? "none";
        using var exemplar = Exemplar.Of(context.Trace is { } trace ? EdgeTracing.Number(trace.Server.TraceId) : context.KeptTrace);
        if (_requests.Enabled)
        {
            _requests.Add(1, new("operation", context.Operation.Name), new("outcome", Name(context.Outcome)), new("provider", provider), new KeyValuePair<string, object?>("route", route));
        }

        if (context.Failure is { } failure)
        {
            _failures.Add(1, new("code", failure.Row.Code), new("fault", ErrorResponse.Name(failure.Row.Fault)), new KeyValuePair<string, object?>("step", ErrorResponse.Name(failure.Step)));
        }

        if (context.Guard is { HasUnseen: true } && _unseen.Enabled)
        {
            _unseen.Add(1, new KeyValuePair<string, object?>("operation", context.Operation.Name));
        }

        if (context.Guard is { } guard)
        {
            CountGuard(context, guard);
        }

        CountTimes(context, provider);
        CountCalls(context, provider);
        if (_tokens.Enabled)
        {
            CountTokens(context, provider, route);
        }

        if (context.CostNanoUsd != 0 && _cost.Enabled)
        {
            foreach (var (part, nanoUsd) in CostParts.Of(context))
            {
                _cost.Add(nanoUsd / 1e9, new("class", part), new("provider", provider), new KeyValuePair<string, object?>("route", route));
            }
        }
    }

    /// <summary>Decides at the start of a request whether its steps are measured: one in so many is, and each that may come to be traced or told of.</summary>
    public void Measure(RequestContext context, bool isToldOf)
    {
        var isCounted = _steps.Enabled && Interlocked.Increment(ref _counted) % StepsOf == 0;
        if (isCounted || isToldOf || EdgeTracing.IsOn)
        {
            context.Steps = new StepClock { IsCounted = isCounted };
        }
    }

    /// <summary>Counts how long the steps of a request took, once it has ended.</summary>
    public void CountSteps(RequestContext context)
    {
        if (context is not { Key: not null, Steps: { IsCounted: true } steps })
        {
            return;
        }

        foreach (var (_, name, from, to) in steps.Each())
        {
            _steps.Record((to - from) / 1e6, new KeyValuePair<string, object?>("step", name));
        }
    }

    /// <summary>Counts a stream in; its settling counts it out.</summary>
    public void CountStream(RequestContext context)
    {
        if (!context.IsRelaying && !context.Settled)
        {
            context.IsRelaying = true;
            Interlocked.Increment(ref _streams);
        }
    }

    public void CountLostRecord() => _lost.Add(1);

    public void Dispose() => _meter.Dispose();

    /// <summary>The name of an outcome in metrics and traces.</summary>
    public static string Name(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Completed => "completed",
        RequestOutcome.Rejected => "rejected",
        RequestOutcome.UpstreamError => "upstream_error",
        RequestOutcome.UpstreamUnavailable => "upstream_unavailable",
        RequestOutcome.UpstreamCut => "upstream_cut",
        RequestOutcome.ClientCancelled => "client_cancelled",
        RequestOutcome.ContentBlocked => "content_blocked",
        RequestOutcome.BudgetStopped => "budget_stopped",
        RequestOutcome.KeyRevoked => "key_revoked",
        _ => "gateway_stopped",
    };

    private Histogram<double> Histogram(string name, string meaning, double[] bounds) =>
        _meter.CreateHistogram(name, "s", meaning, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private void CountTimes(RequestContext context, string provider)
    {
        var elapsed = _time.GetElapsedTime(context.StartedTimestamp);
        if (_duration.Enabled)
        {
            _duration.Record(elapsed.TotalSeconds, new("operation", context.Operation.Name), new KeyValuePair<string, object?>("provider", provider));
        }

        if (_overhead.Enabled && context.OverheadMicros > 0)
        {
            _overhead.Record(context.OverheadMicros / 1e6);
        }

        if (context.FirstByteTimestamp == 0)
        {
            return;
        }

        var first = _time.GetElapsedTime(context.StartedTimestamp, context.FirstByteTimestamp);
        _firstByte.Record(first.TotalSeconds, new KeyValuePair<string, object?>("provider", provider));
        if (context.Tokens.Generated > 1 && context.Outcome == RequestOutcome.Completed)
        {
            _perOutputToken.Record((elapsed - first).TotalSeconds / (context.Tokens.Generated - 1), new KeyValuePair<string, object?>("provider", provider));
        }
    }

    private void CountCalls(RequestContext context, string provider)
    {
        for (var i = 0; i < context.Attempts.Count; i++)
        {
            var attempt = context.Attempts.Failed[i];
            if (attempt.Started != 0)
            {
                var failed = context.Model.Upstream.Deployments.GetValueOrDefault(attempt.Deployment)?.Provider.Id ?? "none";
                _calls.Add(1, new("provider", failed), new KeyValuePair<string, object?>("result", "failed"));
            }
        }

        if (context.ProviderStatus != 0 && context.Cache is not { IsAnswered: true })
        {
            _calls.Add(1, new("provider", provider), new KeyValuePair<string, object?>("result", context.ProviderStatus >= 400 ? "refused" : "answered"));
        }
    }

    private void CountTokens(RequestContext context, string provider, string route)
    {
        ref var tokens = ref context.Tokens;
        CountTokens("input", tokens.Input, provider, route);
        CountTokens("cache_read", tokens.CacheRead, provider, route);
        CountTokens("cache_write", tokens.CacheWrite, provider, route);
        CountTokens("audio_input", tokens.AudioInput, provider, route);
        CountTokens("output", tokens.Output, provider, route);
        CountTokens("reasoning", tokens.Reasoning, provider, route);
        CountTokens("audio_output", tokens.AudioOutput, provider, route);
        CountTokens("cache_write_hour", tokens.CacheWriteHour, provider, route);
        CountTokens("audio_cache_read", tokens.AudioCacheRead, provider, route);
        CountTokens("image_input", tokens.ImageInput, provider, route);
        CountTokens("image_cache_read", tokens.ImageCacheRead, provider, route);
        CountTokens("image_output", tokens.ImageOutput, provider, route);
    }

    private void CountTokens(string tokenClass, long count, string provider, string route)
    {
        if (count != 0)
        {
            _tokens.Add(count, new("class", tokenClass), new("provider", provider), new KeyValuePair<string, object?>("route", route));
        }
    }

    private void CountGuard(RequestContext context, GuardState guard)
    {
        var notes = guard.Notes;
        _guarded.Add(1, new KeyValuePair<string, object?>("verdict", Verdict(context, guard, notes)));
        if (!_rules.Enabled)
        {
            return;
        }

        foreach (var note in notes.Where(static n => n.Count > 0 || n.Failure is not null).DistinctBy(static n => (n.Policy, n.Rule, n.Failure is null)))
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

    private static string Verdict(RequestContext context, GuardState guard, IReadOnlyList<Gateway.Guardrails.Engine.RuleNote> notes) =>
        context.Outcome == RequestOutcome.ContentBlocked || guard.IsAnswerBlocked || context.Failure is { Error: GatewayError.ContentBlocked } ? "blocked"
        : context.Failure is { Error: GatewayError.ApprovalRequired } ? "held"
        : context.Failure is { Error: GatewayError.GuardrailUnavailable } ? "unavailable"
        : notes.Any(static n => n.Count > 0) ? "found" : "passed";
}
