using System.Text.Json.Serialization;

namespace Gateway.Contracts.Cache;

/// <summary>Answer to <c>POST /v1/lookup</c>.</summary>
public sealed record CacheLookupResponse
{
    /// <summary>What came of it.</summary>
    public required CacheOutcome Outcome { get; init; }

    /// <summary>Why, in a few words; null for a plain hit or miss.</summary>
    public string? Reason { get; init; }

    /// <summary>The stored answer's body of a hit; otherwise null.</summary>
    public string? Response { get; init; }
}

/// <summary>What came of a look-up.</summary>
public enum CacheOutcome
{
    /// <summary>An answer was found.</summary>
    [JsonStringEnumMemberName("hit")]
    Hit = 1,

    /// <summary>No answer was found; one may be stored.</summary>
    [JsonStringEnumMemberName("miss")]
    Miss = 2,

    /// <summary>The cache did not look; nothing will be stored either.</summary>
    [JsonStringEnumMemberName("bypass")]
    Bypass = 3,
}

/// <summary>Answer to <c>POST /v1/store</c>.</summary>
public sealed record CacheStoreResponse
{
    /// <summary>True when the answer can be found from now on.</summary>
    public required bool Stored { get; init; }

    /// <summary>Why not; null when it was stored.</summary>
    public string? Reason { get; init; }
}

/// <summary>Answer to <c>DELETE /v1/entries</c>.</summary>
public sealed record CacheDeleteResponse
{
    /// <summary>Entries that were there and are gone.</summary>
    public required long Deleted { get; init; }
}

/// <summary>Answer to <c>GET /v1/stats</c>; counts are since the start of the service.</summary>
public sealed record CacheStats
{
    /// <summary>Entries held now.</summary>
    public required long Entries { get; init; }

    /// <summary>Look-ups that found an answer.</summary>
    public required long Hits { get; init; }

    /// <summary>Look-ups that found none.</summary>
    public required long Misses { get; init; }

    /// <summary>Look-ups that were not made.</summary>
    public required long Bypassed { get; init; }

    /// <summary>Answers stored.</summary>
    public required long Stored { get; init; }
}
