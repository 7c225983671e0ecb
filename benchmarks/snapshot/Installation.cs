using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Load.Running;

namespace Gateway.Snapshot;

/// <summary>Governance and its edges, as processes of their own, with as many keys, teams and routes as asked for.</summary>
/// <param name="bin">Where the services are built, with <c>{service}</c> for their name.</param>
/// <param name="folder">Where their data goes.</param>
/// <param name="postgres">Connection string of governance's store; null: SQLite.</param>
internal sealed class Installation(string bin, string folder, string? postgres = null) : IAsyncDisposable
{
    private const string Token = "internal-token-of-the-benchmark";

    private readonly List<Child> _children = [];
    private readonly int _port = Child.FreePort();

    public HttpClient Admin { get; } = new() { Timeout = TimeSpan.FromMinutes(10) };

    public Child? Governance { get; private set; }

    public List<(Child Process, HttpClient Client)> Edges { get; } = [];

    /// <summary>Values of keys that are asked with, by id.</summary>
    public Dictionary<string, string> Values { get; } = [];

    public async Task StartGovernanceAsync()
    {
        var data = Path.Combine(folder, "governance");
        Dictionary<string, string> environment = new() { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}", ["OLLAMA_HOST"] = "127.0.0.1:1", ["Gateway__DataDirectory"] = data };
        if (postgres is not null)
        {
            environment["ConnectionStrings__gatewaydb"] = postgres;
        }

        Governance = Start("Governance", environment);
        Admin.BaseAddress = new Uri($"http://127.0.0.1:{_port}");
        await ReadyAsync(Admin);
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "admin.key"))).Trim());
    }

    public async Task StartEdgeAsync()
    {
        var port = Child.FreePort();
        var edge = Start("Edge", new()
        {
            ["Gateway__Port"] = port.ToString(CultureInfo.InvariantCulture),
            ["services__governance__http__0"] = $"http://127.0.0.1:{_port}",
            ["Gateway__DataDirectory"] = Path.Combine(folder, "edge-" + port.ToString(CultureInfo.InvariantCulture)),
            ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
            ["DOTNET_TieredPGO"] = "1",
        });
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await ReadyAsync(client);
        Edges.Add((edge, client));
    }

    /// <summary>Puts everything there in one document.</summary>
    public async Task FillAsync(int keys, int teams, int routes)
    {
        var document = new JsonObject { ["version"] = 1, ["owner"] = "benchmark" };
        document["deployments"] = Many(1, static _ => ("bench/demo", new JsonObject { ["provider"] = "demo", ["model"] = "demo", ["price"] = new JsonObject { ["version"] = "b", ["inputPerMillion"] = 1, ["outputPerMillion"] = 1 } }));
        document["budgets"] = Many(teams / 10, static i => ($"budget-{i:0000}", new JsonObject { ["name"] = "Budget", ["limitUsd"] = 1000 }));
        document["routes"] = Many(routes, static i => ($"route-{i:000}", new JsonObject { ["targets"] = new JsonArray(new JsonObject { ["deploymentId"] = "bench/demo" }) }));
        document["teams"] = Many(teams, i => ($"team-{i:0000}", new JsonObject { ["name"] = "Team", ["budgets"] = new JsonArray($"budget-{i % (teams / 10):0000}"), ["limits"] = new JsonObject { ["requestsPerMinute"] = 1_000_000 } }));
        document["keys"] = Many(keys, i => ($"key-{i:00000}", new JsonObject { ["name"] = "Key", ["team"] = $"team-{i % teams:0000}", ["tags"] = new JsonArray("bench") }));
        var answer = await DoAsync(HttpMethod.Post, "/api/config/apply", document);
        foreach (var (id, value) in Secrets(answer["secrets"]))
        {
            Values[id] = value;
        }
    }

    public async Task<JsonObject> DoAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        using var response = await Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject()
            : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {text[..Math.Min(text.Length, 2000)]}");
    }

    /// <summary>Sends a short chat and says how it was answered.</summary>
    public static async Task<int> ChatAsync(HttpClient edge, string key, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(JsonSerializer.Serialize(new { model, max_tokens = 5, messages = new[] { new { role = "user", content = "hi" } } }), Encoding.UTF8, "application/json"),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
        using var response = await edge.SendAsync(request);
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var child in Enumerable.Reverse(_children))
        {
            await child.DisposeAsync();
        }

        Admin.Dispose();
        Edges.ForEach(static e => e.Client.Dispose());
    }

    private static JsonObject Many(int count, Func<int, (string Id, JsonObject Entry)> make) => new(Enumerable.Range(0, count).Select(i => make(i)).Select(static e => KeyValuePair.Create(e.Id, (JsonNode?)e.Entry)));

    /// <summary>The keys that an answer shows, by id.</summary>
    public static IEnumerable<(string Id, string Value)> Secrets(JsonNode? secrets) => secrets switch
    {
        JsonObject byId => byId.Select(static s => (s.Key[(s.Key.LastIndexOf('/') + 1)..], s.Value!.ToString())),
        JsonArray list => list.Select(static s => (s!["id"]!.ToString(), (s["secret"] ?? s["value"] ?? s["key"])!.ToString())),
        _ => [],
    };

    private Child Start(string service, Dictionary<string, string> environment)
    {
        environment["Gateway__InternalToken"] = Token;
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        var child = Child.Start("dotnet", [bin.Replace("{service}", service, StringComparison.Ordinal)], environment);
        _children.Add(child);
        return child;
    }

    private async Task ReadyAsync(HttpClient client)
    {
        for (var i = 0; i < 1200; i++)
        {
            try
            {
                using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException("It does not become ready: " + _children[^1].Tail);
    }
}
