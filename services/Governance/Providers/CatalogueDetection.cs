using Gateway.Catalogue;

namespace Gateway.Governance.Providers;

/// <summary>Providers whose key is in the environment.</summary>
internal sealed partial class EnvironmentDetection(IConfiguration configuration, ILogger<EnvironmentDetection> logger) : IProviderDetection
{
    public string Source => "environment";

    public bool Repeats => false;

    public ValueTask<DetectedEntries> DetectAsync(CancellationToken cancellation)
    {
        // Through configuration, which holds the environment, so that a settings file or the command line can supply a key too.
        var found = EnvironmentProviders.Detect(name => configuration[name]);
        foreach (var warning in found.Warnings)
        {
            LogWarning(logger, warning);
        }

        return ValueTask.FromResult(found.ToEntries());
    }

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}

/// <summary>The models of an Ollama on this machine.</summary>
internal sealed class OllamaDetection(IConfiguration configuration) : IProviderDetection, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });
    private readonly Uri _address = OllamaProbe.BaseUri(name => configuration[name]);

    public string Source => OllamaProbe.ProviderId;

    public bool Repeats => true;

    public async ValueTask<DetectedEntries> DetectAsync(CancellationToken cancellation)
        => await OllamaProbe.TryDetectAsync(_http, _address, cancellation).ConfigureAwait(false) is { } found ? found.ToEntries() : DetectedEntries.None;

    public void Dispose() => _http.Dispose();
}

internal static class DetectedProvidersExtensions
{
    public static DetectedEntries ToEntries(this DetectedProviders found) => new(found.Providers, found.Credentials, found.Deployments, found.Routes);
}
