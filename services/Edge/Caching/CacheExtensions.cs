using Gateway.Contracts;
using Gateway.Edge.Caching.Flights;
using Gateway.Edge.Caching.Purges;
using Gateway.Edge.Caching.Replay;
using Gateway.Edge.Caching.Semantic;
using Gateway.Edge.Caching.Shared;
using Gateway.Edge.Hosting;
using Gateway.Edge.Runtime;
using Gateway.Edge.StoredObjects;
using Gateway.ServiceDefaults.Discovery;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Stores;

namespace Gateway.Edge.Caching;

/// <summary>Registration of the cache.</summary>
internal static class CacheExtensions
{
    /// <summary>The cache: in memory always, in Redis where there is one, and by meaning where the address of the cache service is known.</summary>
    public static IServiceCollection AddAnswerCache(this IServiceCollection services, EdgeOptions options)
    {
        var isAlone = options.ConfigFile is not null;
        services.AddSingleton(static s => s.GetRequiredService<RuntimeState>().Answers);
        services.AddSingleton(static s => s.GetRequiredService<RuntimeState>().Purges);
        services.AddSingleton<CacheMetrics>();
        services.AddSingleton<FlightTable>();
        services.AddSingleton<HitAnswer>();
        services.AddSingleton<PersonalData>();
        services.AddSingleton(s => new AnswerCodec(() => isAlone
            ? ObjectIdKey.Load(Path.Combine(options.DataDirectory, WireNames.Edge), s.GetRequiredService<ILogger<AnswerCodec>>())
            : System.Text.Encoding.UTF8.GetBytes(s.GetRequiredService<InternalToken>().Value)));
        services.AddSingleton<CacheWork>().AddHostedService(static s => s.GetRequiredService<CacheWork>());
        services.AddSingleton(static s => new SharedAnswers(
            s.GetService<IRedisStore>(), s.GetRequiredService<AnswerCodec>(), s.GetRequiredService<PurgeBook>(), s.GetRequiredService<CacheWork>(), s.GetRequiredService<CacheMetrics>(),
            s.GetRequiredService<TimeProvider>()));
        services.AddServiceHttpClient(WireNames.SemanticCache);
        services.AddSingleton<AnswerJudge>();
        services.AddSingleton(static s => new SemanticAnswers(
            IsThere(s.GetRequiredService<IConfiguration>()) ? s.GetRequiredService<IServiceClients>() : null, s.GetRequiredService<AnswerCodec>(), s.GetRequiredService<PurgeBook>(), s.GetRequiredService<PersonalData>(),
            s.GetRequiredService<AnswerJudge>(), s.GetRequiredService<CacheWork>(), s.GetRequiredService<CacheMetrics>(), s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AnswerKeeper>();
        services.AddSingleton<Revalidation>().AddHostedService(static s => s.GetRequiredService<Revalidation>());
        services.AddHostedService<PurgeWorker>();
        return services.AddSingleton<IAnswerCache, AnswerCache>();
    }

    private static bool IsThere(IConfiguration configuration) =>
        configuration.GetSection($"services:{WireNames.SemanticCache}").Exists() || configuration["SEMANTICCACHE_HTTP"] is not null || configuration["SEMANTICCACHE_HTTPS"] is not null;
}
