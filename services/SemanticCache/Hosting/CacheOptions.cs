using Gateway.Contracts;
using Gateway.ServiceDefaults;

namespace Gateway.SemanticCache.Hosting;

/// <summary>What is set for the service, by <c>Gateway:Cache:*</c> (<c>Gateway__Cache__*</c> as environment variables). A value that is not legal stops the start.</summary>
internal sealed record CacheOptions
{
    private const string Prefix = "Gateway:Cache:";

    /// <summary>Folder of the embedded store and of what was learnt.</summary>
    public required string Directory { get; init; }

    /// <summary><c>embedded</c> or <c>qdrant</c>; by default Qdrant where it is configured.</summary>
    public required string Store { get; init; }

    /// <summary>With Qdrant: where answers lie, <c>redis</c>, <c>postgres</c> or <c>qdrant</c>; by default the first of these that is configured.</summary>
    public required string Answers { get; init; }

    /// <summary>Memory for entries of the embedded store.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Disk for entries of the embedded store.</summary>
    public required long DiskBytes { get; init; }

    /// <summary>The largest answer.</summary>
    public required int MaxAnswerBytes { get; init; }

    /// <summary>Threads that embed and scan.</summary>
    public required int Workers { get; init; }

    /// <summary>Work that may wait for them; more is a bypass.</summary>
    public required int QueueLength { get; init; }

    /// <summary>Whether questions, vectors and answers are encrypted wherever they are kept.</summary>
    public required bool Encrypt { get; init; }

    /// <summary>Address of an OpenAI-compatible embeddings endpoint, without <c>/embeddings</c>; null for the built-in model.</summary>
    public Uri? EmbeddingUrl { get; init; }

    /// <summary>Model at that endpoint.</summary>
    public string EmbeddingModel { get; init; } = "";

    /// <summary>Its bearer key.</summary>
    public string EmbeddingKey { get; init; } = "";

    /// <summary>Values in its vectors.</summary>
    public int EmbeddingDimensions { get; init; }

    /// <summary>Qdrant's address; null without one.</summary>
    public Uri? QdrantUrl { get; init; }

    /// <summary>Qdrant's key.</summary>
    public string QdrantKey { get; init; } = "";

    /// <summary>Milliseconds after which a call to Qdrant, Redis, Postgres or the embedding endpoint has failed.</summary>
    public required int StoreTimeoutMilliseconds { get; init; }

    public static CacheOptions Read(IConfiguration configuration)
    {
        var (qdrantUrl, qdrantKey) = Qdrant(configuration);
        var redis = !string.IsNullOrWhiteSpace(configuration.GetConnectionString(WireNames.RedisConnection));
        var postgres = !string.IsNullOrWhiteSpace(configuration.GetConnectionString(WireNames.PostgresConnection));
        var store = Choice(configuration, "Store", qdrantUrl is null ? "embedded" : "qdrant", ["embedded", "qdrant"]);
        var answers = Choice(configuration, "Answers", redis ? "redis" : postgres ? "postgres" : "qdrant", ["redis", "postgres", "qdrant"]);
        var missing = store == "qdrant" && qdrantUrl is null ? WireNames.QdrantConnection + "_http"
            : store == "qdrant" && answers == "redis" && !redis ? WireNames.RedisConnection
            : store == "qdrant" && answers == "postgres" && !postgres ? WireNames.PostgresConnection : null;
        if (missing is not null)
        {
            throw new InvalidOperationException($"Gateway:Cache:Store or Gateway:Cache:Answers names a store for which there is no ConnectionStrings:{missing} (environment variable ConnectionStrings__{missing}).");
        }

        return new CacheOptions
        {
            Directory = Path.Combine(configuration[WireNames.DataDirectoryKey] is { Length: > 0 } data ? data : ".gateway", "semanticcache"),
            Store = store,
            Answers = answers,
            MemoryBytes = configuration.WholeNumber(Prefix + "MemoryMegabytes", 256, 1, 1 << 20) * 1024L * 1024,
            DiskBytes = configuration.WholeNumber(Prefix + "DiskMegabytes", 4096, 1, 1 << 24) * 1024L * 1024,
            MaxAnswerBytes = configuration.WholeNumber(Prefix + "MaxAnswerKilobytes", 1024, 1, 16 * 1024) * 1024,
            Workers = configuration.WholeNumber(Prefix + "Workers", 1, 1, 64),
            QueueLength = configuration.WholeNumber(Prefix + "QueueLength", 128, 1, 10_000),
            Encrypt = Choice(configuration, "Encrypt", "false", ["true", "false"]) == "true",
            EmbeddingUrl = Url(configuration, "EmbeddingUrl"),
            EmbeddingModel = configuration[Prefix + "EmbeddingModel"] ?? "",
            EmbeddingKey = configuration[Prefix + "EmbeddingKey"] ?? "",
            EmbeddingDimensions = configuration.WholeNumber(Prefix + "EmbeddingDimensions", 1536, 8, 8192),
            QdrantUrl = qdrantUrl,
            QdrantKey = qdrantKey,
            StoreTimeoutMilliseconds = configuration.WholeNumber(Prefix + "StoreTimeoutMilliseconds", 1000, 10, 60_000),
        };
    }

    private static (Uri? Url, string Key) Qdrant(IConfiguration configuration)
    {
        // The suffixed name is REST; the plain one is gRPC in Aspire's form, which this client does not speak.
        var name = WireNames.QdrantConnection + "_http";
        var text = configuration.GetConnectionString(name);
        if (string.IsNullOrWhiteSpace(text))
        {
            return (null, "");
        }

        var parts = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static p => p.Split('=', 2))
            .Where(static p => p.Length == 2)
            .ToDictionary(static p => p[0], static p => p[1], StringComparer.OrdinalIgnoreCase);
        var address = parts.GetValueOrDefault("Endpoint") ?? (parts.Count == 0 ? text : null);
        return Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? (url, parts.GetValueOrDefault("Key") ?? "")
            : throw new InvalidOperationException($"ConnectionStrings:{name} cannot be read: write Endpoint=http://localhost:6333;Key=secret.");
    }

    private static Uri? Url(IConfiguration configuration, string key)
        => configuration[Prefix + key] is not { Length: > 0 } text ? null
            : Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : throw new InvalidOperationException($"Configuration {Prefix}{key} must be an http or https address, for example http://localhost:8080/v1.");

    private static string Choice(IConfiguration configuration, string key, string fallback, string[] legal)
        => configuration[Prefix + key] is not { Length: > 0 } text ? fallback
            : Array.Find(legal, l => string.Equals(l, text, StringComparison.OrdinalIgnoreCase))
                ?? throw new InvalidOperationException($"Configuration {Prefix}{key} is '{text}': it must be one of {string.Join(", ", legal)}; default {fallback}.");
}
