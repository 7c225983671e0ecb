namespace Gateway.Edge.Caching;

/// <summary>What the cache did for a request.</summary>
internal enum CacheResult
{
    /// <summary>Policy, the request or its headers kept the cache out of it.</summary>
    Bypass,

    /// <summary>Nothing was found, or nothing was looked for.</summary>
    Miss,

    /// <summary>It was answered by an answer to the same request.</summary>
    HitExact,

    /// <summary>It was answered by an answer to a request of the same meaning.</summary>
    HitSemantic,

    /// <summary>It was answered by the call of another one under way.</summary>
    Shared,
}
