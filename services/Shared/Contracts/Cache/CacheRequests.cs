using System.Text.Json.Serialization;

namespace Gateway.Contracts.Cache;

/// <summary>Body of <c>POST /v1/lookup</c> of the semantic cache.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheLookupRequest
{
    /// <summary>Who may share answers, for example a team: entries of one partition are never seen from another. Not empty.</summary>
    public required string Partition { get; init; }

    /// <summary>Public model name of the request. Not empty.</summary>
    public required string Model { get; init; }

    /// <summary>Lower-case hex SHA-256 of everything in the request that shapes its answer.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The text by whose meaning similar requests are found; null for exact matches only.</summary>
    public string? Text { get; init; }
}

/// <summary>Body of <c>POST /v1/store</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CacheStoreRequest
{
    /// <summary>The request that was answered.</summary>
    public required CacheLookupRequest Request { get; init; }

    /// <summary>The answer's body as it was sent.</summary>
    public required string Response { get; init; }

    /// <summary>How long it may be given again, in seconds. 1 to 31,536,000.</summary>
    public required int TtlSeconds { get; init; }
}
