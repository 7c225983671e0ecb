using Gateway.Contracts;
using Gateway.Contracts.Cache;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Problems;

namespace Gateway.SemanticCache.Api;

/// <summary>The cache's addresses. There are no cache policies to switch on yet, and every answer says so.</summary>
internal static class CacheEndpoints
{
    private const string NoPolicy = "no cache policy is switched on";
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    public static void AddSemanticCache(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.Services.AddSingleton<CacheCounters>();
    }

    public static void MapSemanticCache(this WebApplication app)
    {
        var cache = app.MapGroup("/v1").RequireInternalToken();
        cache.MapPost("/lookup", LookupAsync);
        cache.MapPost("/store", StoreAsync);
        cache.MapDelete("/entries", DeleteAsync);
        cache.MapGet("/stats", StatsAsync);
    }

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

        context.RequestServices.GetRequiredService<CacheCounters>().Bypassed();
        var answer = new CacheLookupResponse { Outcome = CacheOutcome.Bypass, Reason = NoPolicy };
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

        var answer = new CacheStoreResponse { Stored = false, Reason = NoPolicy };
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.CacheStoreResponse, cancellationToken: context.RequestAborted);
    }

    private static Task DeleteAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        new CacheDeleteResponse { Deleted = 0 }, ContractsJson.Default.CacheDeleteResponse, cancellationToken: context.RequestAborted);

    private static Task StatsAsync(HttpContext context) => context.Response.WriteAsJsonAsync(
        context.RequestServices.GetRequiredService<CacheCounters>().Stats, ContractsJson.Default.CacheStats, cancellationToken: context.RequestAborted);

    private static Task RefuseAsync(HttpContext context, string fault)
        => context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_cache_request", "The cache cannot do this as asked.", fault);
}
