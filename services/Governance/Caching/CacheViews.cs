using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Cache;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Caching;

/// <summary>Answer to <c>DELETE /api/cache</c>.</summary>
public sealed record CachePurged
{
    /// <summary>Names the purge.</summary>
    public required string Id { get; init; }

    /// <summary>Version of the configuration that it came with; it is in force on every edge that has this version.</summary>
    public required long Version { get; init; }
}

/// <summary>Answer to <c>GET /api/cache/stats</c>: counts are since the start of each edge.</summary>
public sealed record CacheOverview
{
    /// <summary>All edges together.</summary>
    public required EdgeCacheReport Total { get; init; }

    /// <summary>Hits, shared calls included, of the requests that were looked up; null before the first.</summary>
    public double? HitRate { get; init; }

    /// <summary>What each edge reported of late.</summary>
    public required IReadOnlyList<EdgeCacheStats> Edges { get; init; }

    /// <summary>Purges that are still in force.</summary>
    public required IReadOnlyList<CachePurgeEntry> Purges { get; init; }
}

/// <summary>What the cache of one edge has done.</summary>
public sealed record EdgeCacheStats
{
    /// <summary>The edge.</summary>
    public required string EdgeId { get; init; }

    /// <summary>What it reported.</summary>
    public required EdgeCacheReport Cache { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CachePurged))]
[JsonSerializable(typeof(CacheOverview))]
internal sealed partial class CacheViewJson : JsonSerializerContext;
