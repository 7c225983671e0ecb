using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;

namespace Gateway.Governance.Caching;

/// <summary>What the semantic cache holds, has learnt and would do.</summary>
internal static class CacheEntryEndpoints
{
    private const string Kind = "cacheEntry";
    private const string Sealed = "application/vnd.gateway.answer";
    private static readonly string[] Filters = ["partition", "scope", "key", "team", "customer", "route", "model", "tag", "answer", "olderThanSeconds", "text", "limit", "after"];

    public static void MapCacheEntries(this RouteGroupBuilder cache)
    {
        cache.MapGet("/entries", ListAsync)
            .WithName("listCacheEntries")
            .WithSummary("Questions that the semantic cache has answers to, without the answers.")
            .WithDescription(
                "All given parameters must fit: `scope`, `key`, `team`, `customer`, `route`, `model`, `tag`, `partition`, `answer` (id of the answer, from `x-gateway-cache-id`), `olderThanSeconds`, "
                + "`text` (words that the question must have). `limit` is 1 to 200, default 50; `after` is the `next` of the page before. What people asked is shown, so each call is noted in the audit log.")
            .Produces<CacheEntryList>().Refuses(400, 404)
            .Access(Kind, AccessAction.List)
            .AuditedAs("cache.entries");
        cache.MapGet("/entries/{id}", ReadAsync)
            .WithName("getCacheEntry")
            .WithSummary("One entry of the semantic cache with its answer, by its id or by that of the answer. Each call is noted in the audit log.")
            .Produces<CacheEntryView>().Refuses(404)
            .Access(Kind, AccessAction.Read)
            .AuditedAs("cache.entry");
        cache.MapGet("/semantic", StatsAsync)
            .WithName("getSemanticCacheStats")
            .WithSummary("What the semantic cache holds, has done and measured: hits, reasons, wrong hits with their 95 % interval, domains and whether one is over its bound.")
            .WithDescription("`domain`: only this one, with its latest near misses.")
            .Produces<CacheStats>().Refuses(400, 404)
            .Access("cache", AccessAction.Read);
        cache.MapPost("/explain", ExplainAsync)
            .WithName("explainCacheMatch")
            .WithSummary("Why two texts match or do not, feature by feature.")
            .Accepts<CacheExplainRequest>("application/json")
            .Produces<CacheExplainResponse>().Refuses(400, 404).NotAudited()
            .Access("cache", AccessAction.Run);
    }

    private static async Task<IResult> ListAsync(HttpContext context, CacheService service)
    {
        var errors = QueryFields.Unknown(context, Filters);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var query = QueryString.Create(context.Request.Query);
        var (list, refused) = await service.GetAsync("/v1/entries" + query.ToUriComponent(), ContractsJson.Default.CacheEntryList, context.RequestAborted).ConfigureAwait(false);
        return refused?.ToResult() ?? Results.Json(list, ContractsJson.Default.CacheEntryList);
    }

    private static async Task<IResult> ReadAsync(string id, HttpContext context, CacheService service)
    {
        var (entry, refused) = await service.GetAsync($"/v1/entries/{Uri.EscapeDataString(id)}", ContractsJson.Default.CacheEntryView, context.RequestAborted).ConfigureAwait(false);

        // The edge's own form of an answer says nothing to people; its text does.
        return refused?.ToResult() ?? Results.Json(
            entry!.Answer is { ContentType: Sealed } answer ? entry with { Answer = answer with { Body = [] } } : entry, ContractsJson.Default.CacheEntryView);
    }

    private static async Task<IResult> StatsAsync(HttpContext context, CacheService service, string? domain)
    {
        var errors = QueryFields.Unknown(context, "domain");
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var address = domain is null ? "/v1/stats" : $"/v1/stats?domain={Uri.EscapeDataString(domain)}";
        var (stats, refused) = await service.GetAsync(address, ContractsJson.Default.CacheStats, context.RequestAborted).ConfigureAwait(false);
        return refused?.ToResult() ?? Results.Json(stats, ContractsJson.Default.CacheStats);
    }

    private static async Task<IResult> ExplainAsync(HttpContext context, CacheService service)
    {
        var (question, unread) = await CacheQuestions.ReadAsync(context).ConfigureAwait(false);
        if (question is null)
        {
            return unread!.ToResult();
        }

        var (explained, refused) = await service.PostAsync(
            "/v1/explain", question, ContractsJson.Default.CacheExplainRequest, ContractsJson.Default.CacheExplainResponse, context.RequestAborted).ConfigureAwait(false);
        return refused?.ToResult() ?? Results.Json(explained, ContractsJson.Default.CacheExplainResponse);
    }
}
