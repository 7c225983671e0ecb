using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>Finds an Ollama that runs on this machine, and what it serves.</summary>
public static class OllamaProbe
{
    /// <summary>Id of the provider found.</summary>
    public const string ProviderId = "ollama";

    /// <summary>Version stamped on the price of models that run on one's own machine: nothing.</summary>
    public const string LocalPriceVersion = "local";

    private const int DefaultPort = 11434;
    private const int MostBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(300);

    /// <summary>Where to look: <c>OLLAMA_HOST</c> as Ollama itself reads it (host, host:port or address), else <c>http://127.0.0.1:11434</c>.</summary>
    /// <param name="getEnv">Reads a variable; null or empty when it is not set.</param>
    public static Uri BaseUri(Func<string, string?> getEnv)
    {
        ArgumentNullException.ThrowIfNull(getEnv);
        var fallback = new Uri($"http://127.0.0.1:{DefaultPort}");
        var host = getEnv("OLLAMA_HOST")?.Trim() ?? "";
        if (host.Length == 0)
        {
            return fallback;
        }

        var hasScheme = host.Contains("://", StringComparison.Ordinal);
        if (host.StartsWith(':'))
        {
            host = "127.0.0.1" + host;
        }

        if (!Uri.TryCreate(hasScheme ? host : "http://" + host, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return fallback;
        }

        // As in Ollama: an address with a scheme means that scheme's port, a bare host means Ollama's own.
        var builder = new UriBuilder(uri) { Path = uri.AbsolutePath.TrimEnd('/'), Query = "", Fragment = "", UserName = "", Password = "" };
        if (!hasScheme && uri.IsDefaultPort && !host.EndsWith(":80", StringComparison.Ordinal))
        {
            builder.Port = DefaultPort;
        }

        // A server told to listen everywhere is reached through loopback.
        if (uri.Host is "0.0.0.0" or "[::]")
        {
            builder.Host = "127.0.0.1";
        }

        return builder.Uri;
    }

    /// <summary>Asks for the models; gives up after 300 ms.</summary>
    /// <param name="http">Client to ask with; its base address is not used.</param>
    /// <param name="baseUri">Where Ollama may be, without a path; see <see cref="BaseUri"/>.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <returns>The provider and its models, or null when nothing there answers as Ollama does.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<DetectedProviders?> TryDetectAsync(HttpClient http, Uri baseUri, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(baseUri);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        var root = baseUri.AbsoluteUri.TrimEnd('/');
        try
        {
            using var response = await http.GetAsync(new Uri(root + "/api/tags"), HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                return null;
            }

            await using var stream = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, limit.Token).ConfigureAwait(false)) > 0;)
            {
                body.Write(buffer, 0, read);
                if (body.Length > MostBytes)
                {
                    return null;
                }
            }

            return ModelNamesIn(body.GetBuffer().AsMemory(0, (int)body.Length)) is { } models ? Describe(root, models) : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static List<string>? ModelNamesIn(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("models", out var models)
            || models.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var names = new List<string>();
        foreach (var model in models.EnumerateArray())
        {
            if (model.ValueKind == JsonValueKind.Object
                && model.TryGetProperty("name", out var name)
                && name.ValueKind == JsonValueKind.String
                && name.GetString() is { Length: > 0 } text
                && !text.Contains('*', StringComparison.Ordinal))
            {
                names.Add(text);
            }
        }

        return names;
    }

    private static DetectedProviders Describe(string root, List<string> models)
    {
        DeploymentEntry[] deployments = [.. ProviderModels.Deployments(ProviderId, credentialId: null, models).Select(WithLocalPrice)];
        var routes = ProviderModels.Routes(deployments).ToList();
        const string latest = ":latest";
        foreach (var deployment in deployments.Where(static d => d.Model.EndsWith(latest, StringComparison.Ordinal)))
        {
            var name = deployment.Model[..^latest.Length];
            if (routes.TrueForAll(r => r.Name != name))
            {
                routes.Add(new RouteEntry { Name = name, Targets = [new RouteTarget { DeploymentId = deployment.Id }] });
            }
        }

        return new DetectedProviders
        {
            Providers = [ProviderCatalogue.Default.Find(ProviderId)!.ToEntry(root + "/v1")],
            Deployments = deployments,
            Routes = routes,
        };
    }

    // Ollama's hosted models are billed by account; only what runs on the machine is known to cost nothing.
    private static DeploymentEntry WithLocalPrice(DeploymentEntry deployment)
        => deployment.Model == "*" || deployment.Model.EndsWith("cloud", StringComparison.Ordinal)
            ? deployment
            : deployment with { Price = new PriceEntry { Version = LocalPriceVersion, InputPerMillion = 0, OutputPerMillion = 0 } };
}
