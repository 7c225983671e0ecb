using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Configuration;
using Gateway.Edge.Hosting;
using Gateway.Edge.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Gateway.Edge.Tests;

/// <summary>The real edge on a free port of this machine, alone on a configuration file of the test.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    /// <summary>The key that <see cref="Client"/> sends.</summary>
    public const string Key = "gw-test-key-0000000000000000000000000000000000000";

    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly bool _ownsFolder;

    private EdgeHost(WebApplication app, string folder, bool ownsFolder, Uri address)
    {
        _app = app;
        _folder = folder;
        _ownsFolder = ownsFolder;
        Address = address;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
    }

    public Uri Address { get; }

    /// <summary>Calls with the key "main".</summary>
    public HttpClient Client { get; }

    public string ConfigFile => Path.Combine(_folder, "gateway.yaml");

    public IServiceProvider Services => _app.Services;

    /// <summary>An edge on a configuration of the test's own.</summary>
    /// <param name="yaml">The configuration.</param>
    /// <param name="folder">Its state, or null for a new folder.</param>
    /// <param name="services">Replaces parts of the edge.</param>
    /// <param name="settings">What the environment says.</param>
    /// <param name="keepsFolder">True when another edge is to go on in a given folder; else the folder goes with the edge.</param>
    public static async Task<EdgeHost> StartAsync(string yaml, string? folder = null, bool keepsFolder = false, Action<IServiceCollection>? services = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        folder ??= Directory.CreateTempSubdirectory("edge-test-").FullName;
        var file = Path.Combine(folder, "gateway.yaml");
        await File.WriteAllTextAsync(file, yaml);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Gateway:DataDirectory"] = folder, ["Gateway:DrainSeconds"] = "1", ["Logging:LogLevel:Default"] = "Error" });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        services?.Invoke(builder.Services);
        var loaded = GatewayFile.Load(file);
        Assert.True(loaded.Errors.Count == 0, string.Join('\n', loaded.Errors));
        var app = EdgeApp.Build(builder, EdgeOptions.Read(file, loaded, builder.Configuration));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var host = new EdgeHost(app, folder, !keepsFolder, new Uri(app.Urls.First()));
        await host.WaitUntilReadyAsync();
        return host;
    }

    /// <summary>An edge with one provider, the simulator, whose knobs the model name carries: a request for <c>sim?tokens=3</c> goes to the provider as just that.</summary>
    public static Task<EdgeHost> StartAsync(Gateway.LlmSimulator.SimulatorHost simulator, string? more = null, string keyMore = "") =>
        StartAsync(Configuration(simulator.BaseUrl, more, keyMore));

    public static string Configuration(string baseUrl, string? more = null, string keyMore = "") => $$"""
        version: 1
        autoProviders: false
        demo: false
        providers:
          sim: { baseUrl: "{{baseUrl}}", apiKey: sk-provider-secret-1234567890 }
        deployments:
          sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
        routes:
          "sim*": { targets: [ { deployment: sim } ] }
        keys:
          main: { value: {{Key}} {{keyMore}} }
        {{more}}
        """;

    public Task<HttpResponseMessage> PostAsync(string path, string body) =>
        Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") },
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> ChatAsync(string model, string more = "") => PostAsync("/v1/chat/completions", Chat(model, more));

    public static string Chat(string model, string more = "") => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"hello there"}]{{(more.Length == 0 ? "" : "," + more)}}}""";

    /// <summary>The error object of a response, after checking its shape.</summary>
    public static async Task<JsonNode> ErrorAsync(HttpResponseMessage response, int status, string code)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} {body}");
        var error = JsonNode.Parse(body)!["error"]!;
        Assert.Equal(code, error["code"]!.GetValue<string>());
        Assert.False(string.IsNullOrWhiteSpace(error["message"]!.GetValue<string>()));
        return error;
    }

    /// <summary>Everything that this edge recorded, once there are at least <paramref name="count"/> records.</summary>
    public async Task<IReadOnlyList<UsageRecord>> RecordsAsync(int count)
    {
        var journal = _app.Services.GetRequiredService<UsageJournal>();
        var limit = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency);
        while (true)
        {
            var records = journal.EnumerateFrom(JournalPosition.Start).Select(static i => i.Record).ToList();
            if (records.Count >= count)
            {
                Assert.Equal(count, records.Count);
                return records;
            }

            Assert.True(TimeProvider.System.GetTimestamp() < limit, $"{records.Count} of {count} records after 30 s");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A graceful stop, as on SIGTERM.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
        if (_ownsFolder)
        {
            // The journal takes 64 MiB however little is in it.
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task WaitUntilReadyAsync()
    {
        for (var i = 0; i < 600; i++)
        {
            using var response = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail("the edge did not become ready within 30 s");
    }
}
