using System.Globalization;
using System.Text;
using Gateway.EndToEnd.Hosting;
using Gateway.LlmSimulator;

namespace Gateway.EndToEnd.Local.Clients;

/// <summary>
/// An edge alone in front of a provider of each dialect. A model's name says who answers and how: <c>gemini-tools</c> is the provider that speaks
/// Gemini's dialect, calling tools. See <see cref="Behaviours"/>.
/// </summary>
public sealed class ProvidersFixture : IAsyncLifetime
{
    public const string Name = "one provider of each dialect";

    /// <summary>What an answer in words says, in every dialect.</summary>
    public const string Text = "one two three";

    public const string Key = "gw-clients-key-0000000000000000000000000000000000";

    /// <summary>A key whose budget allows nothing.</summary>
    public const string PoorKey = "gw-clients-poor-00000000000000000000000000000000";

    private const string Words = "text=one%20two%20three";

    /// <summary>What a model is like, by the second part of its name.</summary>
    private static readonly (string Name, string Knobs)[] _behaviours =
    [
        ("text", Words),
        ("tools", "tools=2&" + Words),
        ("think", "thinking=4&tools=2&" + Words),
        ("json", "text=%7B%22city%22:%22Oslo%22,%22degrees%22:4%7D"),
        ("limit", "status=429&retryAfter=7"),
        ("refuse", "status=400"),
        ("fail", "status=500"),
        ("cut", "tokens=60&cut=2500"),
        ("unfinished", "tokens=20&noDone=1"),
        ("error", "tokens=20&streamError=8"),
    ];

    // Id, kind, what follows the address, the rest of its entry, and the model's name: some providers tell by it what a request may hold.
    private static readonly (string Id, string Kind, string Path, string More, string Model)[] _providers =
    [
        ("chat", "openai", "/v1", "", "sim"),
        ("responses", "openai", "/v1", ", nativeResponses: true", "sim"),
        ("anthropic", "anthropic", "/v1", "", "sim"),
        ("gemini", "gemini", "/v1beta", "", "sim"),
        ("bedrock", "bedrock", "", ", region: us-east-1", "anthropic.claude-sonnet-4-5-v1"),
        ("cohere", "cohere", "/v2", "", "sim"),
    ];

    private readonly DirectoryInfo _folder = TemporaryFolder.Create();
    private ChildProcess? _edge;
    private SimulatorHost? _simulator;

    /// <summary>The providers, which are the first part of a model's name.</summary>
    public static IReadOnlyList<string> Providers => [.. _providers.Select(static p => p.Id)];

    /// <summary>The second parts of models' names.</summary>
    public static IReadOnlyList<string> Behaviours => [.. _behaviours.Select(static b => b.Name)];

    /// <summary>The gateway's address, without a path.</summary>
    public string Url { get; private set; } = "";

    public SimulatorHost Simulator => _simulator!;

    public async ValueTask InitializeAsync()
    {
        _simulator = await SimulatorHost.StartAsync(new SimulatorOptions { KeepReceived = 10_000 }, TestContext.Current.CancellationToken);
        var file = Path.Combine(_folder.FullName, "gateway.yaml");
        await File.WriteAllTextAsync(file, Configuration(_simulator.RootUrl), TestContext.Current.CancellationToken);
        var port = Ports.Free();
        Url = $"http://localhost:{port}";
        _edge = ChildProcess.Start(
            Repository.Built("services/Edge", "Gateway.Edge.dll"),
            ["--config", file],
            ("Gateway__Port", port.ToString(CultureInfo.InvariantCulture)),
            ("Gateway__DataDirectory", Path.Combine(_folder.FullName, "data")));
        await _edge.LineAsync("Gateway ready: ");
    }

    public async ValueTask DisposeAsync()
    {
        if (_edge is not null)
        {
            await _edge.DisposeAsync();
        }

        if (_simulator is not null)
        {
            await _simulator.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private static string Configuration(string root)
    {
        var providers = new StringBuilder();
        var deployments = new StringBuilder();
        var routes = new StringBuilder();
        foreach (var (id, kind, path, more, model) in _providers)
        {
            // The one at its limit is apart, for its rest is every model's of that credential.
            foreach (var provider in (string[])[id, id + "-limited"])
            {
                _ = providers.AppendLine(CultureInfo.InvariantCulture, $"  {provider}: {{ kind: {kind}, baseUrl: \"{root}{path}\", apiKey: sk-{provider}, models: []{more} }}");
            }

            foreach (var (name, knobs) in _behaviours)
            {
                _ = deployments.AppendLine(CultureInfo.InvariantCulture, $"  {id}-{name}: {{ provider: {(name == "limit" ? id + "-limited" : id)}, model: \"{model}?{knobs}\", price: {{ version: test, inputPerMillion: 1, outputPerMillion: 2 }} }}");
                _ = routes.AppendLine(CultureInfo.InvariantCulture, $"  {id}-{name}: {{ maxAttempts: 1, targets: [ {{ deployment: {id}-{name} }} ] }}");
            }

            _ = routes.AppendLine(CultureInfo.InvariantCulture, $"  anthropic.claude-{id}-think: {{ maxAttempts: 1, targets: [ {{ deployment: {id}-think }} ] }}");
        }

        return $$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
            {{providers}}
            deployments:
            {{deployments}}
            routes:
            {{routes}}
            keys:
              main: { value: {{Key}} }
              poor: { value: {{PoorKey}}, budgets: [nothing] }
            budgets: { nothing: { limitUsd: 0.000000001, window: month } }
            settings: { health: { breakerMinimumCalls: 100000, cooldownAfter: 1000 } }
            """;
    }
}

[CollectionDefinition(ProvidersFixture.Name)]
public sealed class ProvidersDefinition : ICollectionFixture<ProvidersFixture>;
