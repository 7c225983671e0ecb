using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Edge.Caching.Keys;

namespace Gateway.Edge.Caching;

/// <summary>An answer that may be given again, as a whole body in the dialect of those who ask for it. Immutable.</summary>
internal sealed record StoredAnswer
{
    public required CacheKey Key { get; init; }

    /// <summary>The answer as its provider gave it, before any output guard; its usage says that the prompt was cached.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Until when it may still be given while a new one is fetched.</summary>
    public required DateTimeOffset StaleUntil { get; init; }

    /// <summary>Version of the configuration that its request came under: purges of later versions concern it.</summary>
    public required long Version { get; init; }

    public required string Scope { get; init; }

    public required string Route { get; init; }

    public required string Model { get; init; }

    public required IReadOnlyList<string> Tags { get; init; }

    public required string DeploymentId { get; init; }

    /// <summary>The dialect of the provider that gave it.</summary>
    public required DialectId ProviderDialect { get; init; }

    /// <summary>What it used.</summary>
    public required TokenCounts Tokens { get; init; }

    /// <summary>What it cost.</summary>
    public required long CostNanoUsd { get; init; }

    /// <summary>Bytes it takes in memory, about.</summary>
    public int Bytes => Body.Length + 512;
}
