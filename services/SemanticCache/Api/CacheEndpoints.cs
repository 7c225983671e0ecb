using Gateway.Contracts;
using Gateway.SemanticCache.Deciding;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Problems;

namespace Gateway.SemanticCache.Api;

/// <summary>The cache's addresses.</summary>
internal static class CacheEndpoints
{
    public static void MapSemanticCache(this WebApplication app)
    {
        var cache = app.MapGroup("/v1").RequireInternalToken();
        cache.MapPost("/lookup", LookupAsync);
        cache.MapPost("/store", StoreAsync);
        cache.MapPost("/observe", ObserveAsync);
        cache.MapPost("/explain", ExplainAsync);
        cache.MapGet("/stats", EntryEndpoints.StatsAsync);
        cache.MapGet("/entries", EntryEndpoints.ListAsync);
        cache.MapDelete("/entries", EntryEndpoints.PurgeAsync);
        cache.MapGet("/entries/{id}", EntryEndpoints.GetAsync);
        cache.MapDelete("/entries/{id}", EntryEndpoints.DeleteAsync);
    }

    internal static Task RefuseAsync(HttpContext context, string fault)
        => context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_cache_request", "The cache cannot do this as asked.", fault);

    private static async Task LookupAsync(HttpContext context)
    {
        if (await context.ReadJsonOrProblemAsync(ContractsJson.Default.CacheLookupRequest) is not { } request)
        {
            return;
        }

        if (RequestCheck.Fault(request) is { } fault)
        {
            await RefuseAsync(context, fault);
            return;
        }

        var answer = await context.RequestServices.GetRequiredService<SemanticCacheService>().LookupAsync(request, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.CacheLookupResponse, cancellationToken: context.RequestAborted);
    }

    private static async Task StoreAsync(HttpContext context)
    {
        if (await context.ReadJsonOrProblemAsync(ContractsJson.Default.CacheStoreRequest) is not { } request)
        {
            return;
        }

        if (RequestCheck.Fault(request) is { } fault)
        {
            await RefuseAsync(context, fault);
            return;
        }

        var answer = await context.RequestServices.GetRequiredService<SemanticCacheService>().StoreAsync(request, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.CacheStoreResponse, cancellationToken: context.RequestAborted);
    }

    private static async Task ObserveAsync(HttpContext context)
    {
        if (await context.ReadJsonOrProblemAsync(ContractsJson.Default.CacheObserveRequest) is not { } request)
        {
            return;
        }

        if (RequestCheck.Fault(request) is { } fault)
        {
            await RefuseAsync(context, fault);
            return;
        }

        var services = context.RequestServices;
        var answer = await services.GetRequiredService<SemanticCacheService>()
            .ObserveAsync(request, services.GetRequiredService<AnswerComparer>(), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.CacheObserveResponse, cancellationToken: context.RequestAborted);
    }

    private static async Task ExplainAsync(HttpContext context)
    {
        if (await context.ReadJsonOrProblemAsync(ContractsJson.Default.CacheExplainRequest) is not { } request)
        {
            return;
        }

        if (RequestCheck.Fault(request) is { } fault)
        {
            await RefuseAsync(context, fault);
            return;
        }

        var answer = await context.RequestServices.GetRequiredService<Explainer>().ExplainAsync(request, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.CacheExplainResponse, cancellationToken: context.RequestAborted);
    }
}
