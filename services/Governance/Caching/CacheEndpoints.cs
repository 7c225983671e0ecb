using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Health;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Caching;

/// <summary>Purges of the cache, and what it has done.</summary>
internal static class CacheEndpoints
{
    private const string Kind = "cache";
    private const int MostChars = 300;

    public static void MapCache(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/cache").WithTags("Cache");
        group.MapDelete("/", PurgeAsync)
            .WithName("purgeCache")
            .WithSummary("Removes cached answers everywhere: in the memory of all edges, in Redis and in the semantic cache.")
            .WithDescription(
                "Answers that all given parameters fit: `key` (the answer's id, from `x-gateway-cache-id`, or the id of an entry of the semantic cache), `scope` (as `team:ID`, `key:ID`, `customer:ID`, `route:NAME` or `shared:NAME`), `route`, `model`, `tag`, "
                + "`olderThanSeconds`; or `all=true`. Once an edge has the configuration's version of the answer, it gives none of them any more, those under way included.")
            .Produces<CachePurged>().Refuses(400)
            .Access(Kind, AccessAction.Delete);
        group.MapGet("/stats", StatsAsync)
            .WithName("getCacheStats")
            .WithSummary("What the caches of all edges hold and have done.")
            .Produces<CacheOverview>().Refuses(400)
            .Access(Kind, AccessAction.Read);
        group.MapCacheEntries();
    }

    private static async Task<IResult> PurgeAsync(
        HttpContext context, CachePurges purges, CacheService service, TimeProvider time, string? key, string? scope, string? route, string? model, string? tag, long? olderThanSeconds, bool? all)
    {
        var errors = QueryFields.Unknown(context, "key", "scope", "route", "model", "tag", "olderThanSeconds", "all");
        foreach (var (name, value) in new[] { ("key", key), ("scope", scope), ("route", route), ("model", model), ("tag", tag) })
        {
            if (value is { Length: 0 or > MostChars })
            {
                errors.Add(name, $"must have 1 to {MostChars} characters.");
            }
        }

        if (olderThanSeconds is < 0 or > int.MaxValue)
        {
            errors.Add("olderThanSeconds", $"must be a whole number from 0 to {int.MaxValue}.");
        }

        var isNarrow = key is not null || scope is not null || route is not null || model is not null || tag is not null || olderThanSeconds is not null;
        if (!isNarrow && all != true)
        {
            errors.Add("all", "must be true to remove everything; else say what is to be removed by key, scope, route, model, tag or olderThanSeconds.");
        }
        else if (isNarrow && all == true)
        {
            errors.Add("all", "goes with no other parameter.");
        }

        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        key = await AnswerOfAsync(key, service, context.RequestAborted).ConfigureAwait(false);
        var purge = new CachePurgeEntry
        {
            Id = KeyMaterial.NewId(EntryKinds.CachePurge), At = time.GetUtcNow(), Key = key, Scope = scope, Route = route, Model = model, Tag = tag,
            Before = olderThanSeconds is { } seconds ? time.GetUtcNow() - TimeSpan.FromSeconds(seconds) : null,
        };
        var outcome = await purges.MakeAsync(purge, context.RequestAborted).ConfigureAwait(false);
        return outcome.Refused?.ToResult()
            ?? Results.Json(new CachePurged { Id = purge.Id, Version = outcome.State.CachePurges[purge.Id].Version }, CacheViewJson.Default.CachePurged);
    }

    /// <summary>An entry of the semantic cache has the same answer as the exact caches: removing it removes the answer, by the id that it has everywhere.</summary>
    private static async Task<string?> AnswerOfAsync(string? key, CacheService service, CancellationToken cancellation)
        => key is { Length: 32 } && service.IsThere
            && (await service.GetAsync($"/v1/entries/{Uri.EscapeDataString(key)}", ContractsJson.Default.CacheEntryView, cancellation).ConfigureAwait(false)).Answer?.AnswerId is { } answer
            ? answer : key;

    private static async Task<IResult> StatsAsync(HttpContext context, HealthBoard board, ConfigStore store)
    {
        var errors = QueryFields.Unknown(context);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var edges = board.Fresh.Where(static r => r.Cache is not null).OrderBy(static r => r.EdgeId, StringComparer.Ordinal).Select(static r => new EdgeCacheStats { EdgeId = r.EdgeId, Cache = r.Cache! }).ToList();
        var total = edges.Select(static e => e.Cache).Aggregate(new EdgeCacheReport(), static (sum, e) => new EdgeCacheReport
        {
            Entries = sum.Entries + e.Entries, Bytes = sum.Bytes + e.Bytes, Evicted = sum.Evicted + e.Evicted, HitsExact = sum.HitsExact + e.HitsExact,
            HitsSemantic = sum.HitsSemantic + e.HitsSemantic, Shared = sum.Shared + e.Shared, Misses = sum.Misses + e.Misses, Bypassed = sum.Bypassed + e.Bypassed,
            SavedNanoUsd = sum.SavedNanoUsd + e.SavedNanoUsd,
        });
        var answered = total.HitsExact + total.HitsSemantic + total.Shared;
        return Results.Json(
            new CacheOverview
            {
                Total = total,
                HitRate = answered + total.Misses == 0 ? null : (double)answered / (answered + total.Misses),
                Edges = edges,
                Purges = CachePurges.Of(await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)),
            },
            CacheViewJson.Default.CacheOverview);
    }
}
