using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The rate limits over a key.</summary>
internal sealed class LimitSet(LimitCounter[] known, MatchedLimit[] byRequest, MatchedLimit[] byProvider, PriorityClass priority, bool isShared)
{
    /// <summary>Most limits that may stand over a key whatever its requests are.</summary>
    public const int MostKnown = 64;

    /// <summary>Counters that every request of the key is counted by, always in the same order.</summary>
    public LimitCounter[] Known { get; } = known;

    /// <summary>Limits that depend on what a request says.</summary>
    public MatchedLimit[] ByRequest { get; } = byRequest;

    /// <summary>Limits of providers, which count once one is called.</summary>
    public MatchedLimit[] ByProvider { get; } = byProvider;

    /// <summary>The highest priority of the key's requests, and theirs when they name none.</summary>
    public PriorityClass Priority { get; } = priority;

    /// <summary>True when others call with the same key.</summary>
    public bool IsShared { get; } = isShared;

    public bool IsEmpty => Known.Length == 0 && ByRequest.Length == 0;
}

/// <summary>A limit over a key that counts some of its requests.</summary>
/// <param name="Counters">The limit.</param>
/// <param name="Scope">What a request has to fit.</param>
/// <param name="Accounts">The part of the counter's value that the key gives; empty for none.</param>
internal sealed record MatchedLimit(LimitCounters Counters, LimitScope Scope, string Accounts);
