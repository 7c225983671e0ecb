namespace Gateway.Contracts.Configuration;

/// <summary>
/// A conditional rule of a route. The first rule whose condition holds and that names targets or a route decides; one that only sets attributes lets the
/// next ones be asked.
/// </summary>
public sealed record RouteRule
{
    /// <summary>Name in the decision record. Default: its position.</summary>
    public string? Name { get; init; }

    /// <summary>The condition, an expression of at most 2,000 characters; see the page on routing.</summary>
    public required string When { get; init; }

    /// <summary>Deployments of the route's targets that remain, in the route's order by its strategy. Default: all.</summary>
    public IReadOnlyList<string> Targets { get; set; } = [];

    /// <summary>Public name of the route that the request takes instead, or null.</summary>
    public string? Route { get; init; }

    /// <summary>Attributes that later rules see as <c>attribute["NAME"]</c>, and that the decision record shows. Default none.</summary>
    public IReadOnlyDictionary<string, string> Set { get; set; } = new Dictionary<string, string>();
}

/// <summary>Limits on the phases of a call, in milliseconds; null leaves the provider's.</summary>
public sealed record RouteTimeouts
{
    /// <summary>From the request's end to the response's headers; 1 to 3,600,000.</summary>
    public int? FirstByteMs { get; init; }

    /// <summary>From the request's start to the first event of a stream; null: the other limits alone. 1 to 3,600,000.</summary>
    public int? FirstTokenMs { get; init; }

    /// <summary>Longest silence between two reads of the response; 1 to 3,600,000.</summary>
    public int? IdleMs { get; init; }

    /// <summary>One call from start to end; 1 to 86,400,000.</summary>
    public int? TotalMs { get; init; }

    /// <summary>All attempts together up to the first byte for the caller: after it no further attempt begins. 1 to 86,400,000.</summary>
    public int? AllAttemptsMs { get; init; }
}

/// <summary>
/// Retries of the same deployment, after failures that may pass: no connection, a connection lost before the answer, 408, 409, 429, and 5xx. Nothing has been
/// passed to the caller then.
/// </summary>
public sealed record RetryEntry
{
    /// <summary>Most retries of one deployment. Default 0; 0 to 5.</summary>
    public int Count { get; set; }

    /// <summary>Upper bound of the first wait, in milliseconds; doubled with each retry, and drawn evenly from zero to the bound. Default 250; 1 to 60,000.</summary>
    public int BaseMs { get; set; } = 250;

    /// <summary>Longest wait, in milliseconds. A longer Retry-After of the provider ends the retries. Default 5,000; 1 to 300,000.</summary>
    public int MaxMs { get; set; } = 5_000;
}

/// <summary>Hedged requests: a second target is called when the first has not answered after a delay, and the first answer wins.</summary>
public sealed record HedgeEntry
{
    /// <summary>The delay in milliseconds; null: no hedging, or by <see cref="Percentile"/>. 1 to 600,000.</summary>
    public int? DelayMs { get; init; }

    /// <summary>The delay as a percentile of the target's recent times to the first token, once 20 are known. 50 to 99.</summary>
    public int? Percentile { get; init; }
}

/// <summary>A route that one key's requests take instead of that of the model asked for.</summary>
/// <param name="Model">The model name as the caller writes it; one <c>*</c> makes it a pattern.</param>
/// <param name="Route">Public name of the route taken.</param>
public sealed record KeyRoute(string Model, string Route);

/// <summary>When a deployment or credential is left alone, and how many calls a provider takes at once.</summary>
public sealed record HealthSettings
{
    /// <summary>Percentage of failed calls in the window that opens the circuit of a deployment. Default 50; 1 to 100.</summary>
    public int BreakerFailurePercent { get; set; } = 50;

    /// <summary>Calls in the window below which the circuit stays closed. Default 20; 1 to 100,000.</summary>
    public int BreakerMinimumCalls { get; set; } = 20;

    /// <summary>Length of the sliding window in milliseconds. Default 30,000; 1,000 to 600,000.</summary>
    public int BreakerWindowMs { get; set; } = 30_000;

    /// <summary>How long an open circuit lets nothing through, in milliseconds. Default 15,000; 100 to 600,000.</summary>
    public int BreakerOpenMs { get; set; } = 15_000;

    /// <summary>Calls let through to try a circuit that was open; as many successes close it. Default 1; 1 to 100.</summary>
    public int BreakerProbes { get; set; } = 1;

    /// <summary>Failures in a row (5xx, timeouts, connections) after which a deployment rests. Default 3; 1 to 1,000.</summary>
    public int CooldownAfter { get; set; } = 3;

    /// <summary>How long it rests, in milliseconds; doubled each time it fails again at once. Default 5,000; 100 to 3,600,000.</summary>
    public int CooldownMs { get; set; } = 5_000;

    /// <summary>How long a credential rests after a 429 that names no reset, in milliseconds. Default 1,000; 0 to 3,600,000.</summary>
    public int RateLimitCooldownMs { get; set; } = 1_000;

    /// <summary>Longest rest that a provider's own headers can ask for, in milliseconds. Default 300,000; 1,000 to 86,400,000.</summary>
    public int MaxCooldownMs { get; set; } = 300_000;

    /// <summary>Most calls under way at one provider; null: no bound. 1 to 1,000,000.</summary>
    public int? ProviderConcurrency { get; init; }

    /// <summary>How long a call waits for room at its provider before the next target is tried, in milliseconds. Default 100; 0 to 60,000.</summary>
    public int ProviderWaitMs { get; set; } = 100;

    /// <summary>Most shadow calls under way at once in one edge; more are dropped and counted. Default 32; 0 to 10,000.</summary>
    public int ShadowConcurrency { get; set; } = 32;
}
