using Gateway.Catalogue;

namespace Gateway.Edge.Configuration;

/// <summary>How a configuration file is loaded again and again.</summary>
internal sealed record GatewayFileSourceOptions
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Reads an environment variable. Default: this process's.</summary>
    public Func<string, string?> GetEnvironmentVariable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Looks for providers on this machine; asked only when the file has <c>autoProviders</c> on. Default: an Ollama.</summary>
    public Func<CancellationToken, Task<DetectedProviders?>> FindLocal { get; init; } = LocalProviders.FindAsync;

    /// <summary>Version of the snapshot. Default 1.</summary>
    public long Version { get; init; } = 1;
}

/// <summary>Loads a configuration file together with the providers that run on this machine.</summary>
internal static class GatewayFileLoader
{
    /// <summary>As <see cref="GatewayFile.Load"/>, and asks for local providers if the file lets it.</summary>
    public static async Task<GatewayFileResult> LoadAsync(GatewayFileSourceOptions options, CancellationToken cancellationToken)
    {
        var fileOptions = new GatewayFileOptions { GetEnvironmentVariable = options.GetEnvironmentVariable, Version = options.Version };
        var result = GatewayFile.Load(options.Path, fileOptions);
        return result.AutoProviders && await options.FindLocal(cancellationToken).ConfigureAwait(false) is { } local
            ? GatewayFile.Load(options.Path, fileOptions with { Local = local })
            : result;
    }
}

/// <summary>Providers that run on this machine.</summary>
internal static class LocalProviders
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    /// <summary>An Ollama where <c>OLLAMA_HOST</c> says or on its own port; null when there is none.</summary>
    public static Task<DetectedProviders?> FindAsync(CancellationToken cancellationToken)
        => OllamaProbe.TryDetectAsync(Client, OllamaProbe.BaseUri(Environment.GetEnvironmentVariable), cancellationToken);
}
