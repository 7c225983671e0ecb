using System.Net.Http.Headers;
using Gateway.Contracts;
using Gateway.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Governance.Tests.Support;

/// <summary>A running governance service on a port of its own, composed as in Program.cs.</summary>
public sealed partial class Instance : IAsyncDisposable
{
    public const string InternalToken = "internal-token-of-the-tests";
    private readonly WebApplication _app;
    private readonly LogCapture _log;

    private Instance(WebApplication app, LogCapture log, string dataDirectory)
    {
        _app = app;
        _log = log;
        DataDirectory = dataDirectory;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Anonymous = new HttpClient { BaseAddress = Address };
        Internal = new HttpClient { BaseAddress = Address };
        Internal.DefaultRequestHeaders.Add(WireNames.InternalTokenHeader, InternalToken);
        Admin = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    /// <summary>What runs inside.</summary>
    public IServiceProvider Services => _app.Services;

    public string DataDirectory { get; }

    /// <summary>Calls without any key.</summary>
    public HttpClient Anonymous { get; }

    /// <summary>Calls with the admin key of the file.</summary>
    public HttpClient Admin { get; }

    /// <summary>Calls as another service of the gateway.</summary>
    public HttpClient Internal { get; }

    public string AdminKeyFile => Path.Combine(DataDirectory, WireNames.AdminKeyFile);

    public string DevKeyFile => Path.Combine(DataDirectory, WireNames.DevKeyFile);

    /// <summary>What the admin API serves by its own table of routes, as <c>method /path operationId</c>.</summary>
    public IEnumerable<string> AdminOperations => AdminEndpoints().Select(e => $"{e.Operation} {e.Endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName}");

    /// <summary>Everything logged so far.</summary>
    public string Log => _log.Text;

    public static async Task<Instance> StartAsync(
        string dataDirectory, string? postgres, CancellationToken cancellation, string environment = "Production", IReadOnlyDictionary<string, string?>? settings = null, bool waitUntilReady = true)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });

        // Only what a test names: keys in the environment of the machine must not become providers here.
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [WireNames.DataDirectoryKey] = dataDirectory,
            [WireNames.InternalTokenKey] = InternalToken,
            [$"ConnectionStrings:{WireNames.PostgresConnection}"] = postgres,
            ["OLLAMA_HOST"] = "127.0.0.1:1",

            // Tests have records of fixed days, which would be too old some day.
            ["Gateway:UsageRetention:RecordDays"] = "0",
            ["Gateway:UsageRetention:HourlyDays"] = "0",
            ["Gateway:UsageRetention:HourlyLatencyDays"] = "0",
            ["Gateway:RequestLog:DetailDays"] = "0",
            ["Gateway:RequestLog:BodyDays"] = "0",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.AddServiceDefaults(WireNames.Governance);
        builder.AddGovernance();
        var log = new LogCapture();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Trace);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGovernance();
        await app.StartAsync(cancellation);
        var instance = new Instance(app, log, dataDirectory);
        if (waitUntilReady)
        {
            await instance.WaitUntilReadyAsync(cancellation);
        }

        return instance;
    }

    /// <summary>Waits for readiness, then uses the key of the admin key file.</summary>
    public async Task WaitUntilReadyAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var answer = await Anonymous.GetAsync("/api/status", limit.Token);
            if ((int)answer.StatusCode == 401)
            {
                break;
            }

            await Task.Delay(20, limit.Token);
        }

        if (File.Exists(AdminKeyFile))
        {
            UseAdminKey(await File.ReadAllTextAsync(AdminKeyFile, cancellation));
        }
    }

    /// <summary>True when an operation reads a body.</summary>
    public bool TakesBody(string operation) => AdminEndpoints().Any(e => e.Operation == operation && e.Endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null);

    private IEnumerable<(string Operation, Endpoint Endpoint)> AdminEndpoints()
        => from source in _app.Services.GetServices<EndpointDataSource>()
           from endpoint in source.Endpoints.OfType<RouteEndpoint>()
           let path = "/" + Constraints().Replace(endpoint.RoutePattern.RawText!.Trim('/'), "{$1}")
           where path.StartsWith("/api/", StringComparison.Ordinal) && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
           select ($"{method.ToLowerInvariant()} {path}", (Endpoint)endpoint);

    [System.Text.RegularExpressions.GeneratedRegex(@"\{\**(\w+)(?::[^}]*)?\}")]
    private static partial System.Text.RegularExpressions.Regex Constraints();

    public void UseAdminKey(string key) => Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Trim());

    /// <summary>Calls with a key of any kind. The caller disposes of it.</summary>
    public HttpClient With(string key) => new() { BaseAddress = Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        Admin.Dispose();
        Internal.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
