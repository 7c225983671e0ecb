using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The rate limits of one key or team.</summary>
internal sealed class AccountLimits(string scope, string id, RateLimitEntry entry, TimeProvider time)
{
    /// <summary><c>key</c> or <c>team</c>, as callers read it.</summary>
    public string Scope { get; } = scope;

    public string Id { get; } = id;

    public RateLimitEntry Entry { get; } = entry;

    public GcraLimiter? Requests { get; } = entry.RequestsPerMinute is { } perMinute ? new GcraLimiter(perMinute, time) : null;

    public GcraLimiter? Tokens { get; } = entry.TokensPerMinute is { } perMinute ? new GcraLimiter(perMinute, time) : null;

    public ConcurrencyLimiter? Concurrency { get; } = entry.Concurrency is { } limit ? new ConcurrencyLimiter(limit) : null;
}
