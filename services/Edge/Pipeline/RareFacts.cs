using Gateway.Dialects;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Continuation;
using Gateway.Edge.Guarding;
using Gateway.Edge.RequestLog;
using Gateway.Edge.Routing;
using Gateway.Edge.Routing.Calls;
using Gateway.Edge.StoredObjects;
using Gateway.Edge.Telemetry;
using Gateway.Edge.Tools;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Pipeline;

/// <summary>What the call that answered used by itself, where others made for the request used something too.</summary>
internal sealed record CallUse(TokenCounts Tokens, long CostNanoUsd);

/// <summary>By which version of a price a request was billed, or null, and whether some of its tokens are not the provider's own report.</summary>
internal sealed record Billed(string? PriceVersion, bool IsEstimated);

/// <summary>What few requests have, in a place of its own so that the others need not carry it. <see cref="RequestContext"/> says what each is.</summary>
internal sealed class RareFacts
{
    public string? EndUser { get; set; }

    public string? SessionId { get; set; }

    public string[]? Tags { get; set; }

    public string? TagsText { get; set; }

    public IReadOnlyList<string>? CallerFallbacks { get; set; }

    public IReadOnlyList<FormPart>? Form { get; set; }

    public RouteDecision? Decision { get; set; }

    public CallState? FailedCalls { get; set; }

    public SideUse? Side { get; set; }

    public CallResult? Broken { get; set; }

    public NextLeg? NextLeg { get; set; }

    public List<string>? Continued { get; set; }

    public IReadOnlyList<string>? Dropped { get; set; }

    public TimeSpan? RetryAfter { get; set; }

    public IReadOnlyDictionary<string, string>? HeaderMetadata { get; set; }

    public StoredResponses? Stored { get; set; }

    public KeepAlive? KeepAlive { get; set; }

    public GuardState? Guard { get; set; }

    public AgentRun? Agent { get; set; }

    public AgentBill? Bill { get; set; }

    public long? StoredAfter { get; set; }

    public LogCapture? Log { get; set; }

    public List<string>? Notes { get; set; }

    public bool IsNotable { get; set; }

    public RequestTrace? Trace { get; set; }

    public UInt128 KeptTrace { get; set; }

    public CallUse? CallUse { get; set; }

    public Billed? Billed { get; set; }
}
