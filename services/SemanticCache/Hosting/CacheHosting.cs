using Gateway.Embeddings;
using Gateway.SemanticCache.Deciding;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticCache.Storing.Answers;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.SemanticCache.Storing.Qdrant;
using Gateway.ServiceDefaults.Drain;
using Gateway.ServiceDefaults.Health;
using Gateway.ServiceDefaults.Logging;
using Gateway.ServiceDefaults.Stores;
using Npgsql;

namespace Gateway.SemanticCache.Hosting;

internal static class CacheHosting
{
    /// <summary>Above the largest answer in base64 with its text and the question.</summary>
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    public static void AddSemanticCache(this WebApplicationBuilder builder)
    {
        var options = CacheOptions.Read(builder.Configuration);
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBodyBytes);
        var services = builder.Services;
        services.AddLogLevelFollower();
        services.AddSingleton(options);
        services.AddSingleton(_ => new WorkQueue(options.Workers, options.QueueLength));
        services.AddSingleton(_ => new EntryCodec(options.Encrypt ? EntryCipher.FromFile(Path.Combine(options.Directory, "entries.key")) : null));
        services.AddSingleton<LookupMemory>(s => new LookupMemory(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new EvidenceBook(options.Directory, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<EvidenceBook>>()));
        services.AddSingleton<CacheCounters>();
        services.AddSingleton<Decider>();
        services.AddSingleton<AnswerComparer>();
        services.AddSingleton<Explainer>();
        services.AddSingleton<SemanticCacheService>();
        AddEmbedding(services, options);
        builder.AddEntryStore(options);
        services.AddSingleton<CacheUpkeep>();
        services.AddHostedService(static s => s.GetRequiredService<CacheUpkeep>());
        services.AddSingleton<IDrainParticipant>(static s => s.GetRequiredService<CacheUpkeep>());
        services.AddReadinessCheck<CacheReadiness>();
    }

    private static void AddEmbedding(IServiceCollection services, CacheOptions options)
    {
        if (options.EmbeddingUrl is not { } url)
        {
            services.AddSingleton<MiniLmEmbeddingGenerator>(static _ => new MiniLmEmbeddingGenerator());
            services.AddSingleton<IEmbeddingSource, BuiltInSource>();
            return;
        }

        services.AddSingleton<IEmbeddingSource>(s => new EndpointSource(
            new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan },
            options.EmbeddingModel,
            options.EmbeddingKey,
            options.EmbeddingDimensions,
            options.StoreTimeoutMilliseconds,
            options.QueueLength,
            s.GetRequiredService<TimeProvider>()));
    }

    private static void AddEntryStore(this WebApplicationBuilder builder, CacheOptions options)
    {
        if (options.Store == "qdrant")
        {
            builder.AddQdrant(options);
            return;
        }

        builder.Services.AddSingleton(s => new EmbeddedStore(
            options.Directory,
            s.GetRequiredService<EntryCodec>(),
            options.MemoryBytes,
            options.DiskBytes,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<EmbeddedStore>>(),
            s.GetRequiredService<WorkQueue>()));
        builder.Services.AddSingleton<IEntryStore>(static s => s.GetRequiredService<EmbeddedStore>());
    }

    private static void AddQdrant(this WebApplicationBuilder builder, CacheOptions options)
    {
        var services = builder.Services;
        var timeout = options.StoreTimeoutMilliseconds;
        switch (options.Answers)
        {
            case "redis":
                builder.AddGatewayRedis(StoreNeed.Optional);
                services.AddSingleton<IAnswerStore>(s => new RedisAnswers(s.GetRequiredService<IRedisStore>(), timeout, s.GetRequiredService<TimeProvider>()));
                break;
            case "postgres":
                builder.AddGatewayPostgres(StoreNeed.Optional);
                services.AddSingleton<IAnswerStore>(s => new PostgresAnswers(s.GetRequiredService<NpgsqlDataSource>(), timeout, s.GetRequiredService<TimeProvider>()));
                break;
            default:
                services.AddSingleton<IAnswerStore, BesideVectors>();
                break;
        }

        services.AddSingleton<IEntryStore>(s =>
        {
            var source = s.GetRequiredService<IEmbeddingSource>();
            var http = new HttpClient(QdrantClient.Handler()) { BaseAddress = options.QdrantUrl, Timeout = Timeout.InfiniteTimeSpan };
            var time = s.GetRequiredService<TimeProvider>();
            return new QdrantStore(
                new QdrantClient(http, options.QdrantKey, timeout, time), s.GetRequiredService<IAnswerStore>(), s.GetRequiredService<EntryCodec>(), source.Id, source.Dimensions, time);
        });
    }
}
