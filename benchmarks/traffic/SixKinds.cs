using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Gateway.Benchmarks.Traffic;

/// <summary>
/// Traffic as a gateway has it, of six kinds: plain, streamed, embeddings, tool-using, guarded, failing. Sets the gateway up for it over the admin API and sends it, so that every page
/// of the dashboard has something to show.
/// </summary>
/// <param name="admin">Calls the admin API.</param>
/// <param name="gateway">Where callers reach the gateway.</param>
/// <param name="simulator">Where the gateway reaches the simulated provider.</param>
internal sealed class SixKinds(HttpClient admin, Uri gateway, string simulator) : IDisposable
{
    private static readonly string[] Subjects = ["invoices", "holidays", "the weather in Oslo", "our new prices", "a poem on autumn", "unit tests", "shipping", "contracts", "onboarding", "the canteen"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(60) };
    private readonly List<string> _keys = [];

    /// <summary>The kinds, in the order in which they are sent.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["plain", "streamed", "embeddings", "tools", "guarded", "failing"];

    /// <summary>Makes providers, routes, teams, keys, budgets and a policy. What is there already is left as it is.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await MakeAsync("providers", new { id = "northwind", baseUrl = simulator }, cancellation).ConfigureAwait(false);
        await MakeAsync("providers", new { id = "contoso", baseUrl = simulator }, cancellation).ConfigureAwait(false);
        foreach (var provider in (string[])["northwind", "contoso"])
        {
            await MakeAsync("credentials", new { id = $"{provider}-1", providerId = provider, secret = "sk-simulated" }, cancellation).ConfigureAwait(false);
        }

        await DeployAsync("northwind/large", "large?tokens=60&latency=15&jitter=40&ttft=10&resume=1", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await DeployAsync("contoso/large", "large-eu?tokens=50&latency=25&jitter=60&ttft=20", 3_000, 12_000, cancellation).ConfigureAwait(false);
        await DeployAsync("northwind/small", "small?tokens=20&latency=4&jitter=10", 150, 600, cancellation).ConfigureAwait(false);
        await DeployAsync("northwind/embedding", "embedding?dims=64&latency=2", 20, 0, cancellation).ConfigureAwait(false);
        await DeployAsync("northwind/tools", "tools?tools=2&tokens=12&latency=10&jitter=20", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await DeployAsync("contoso/broken", "broken?status=503", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await DeployAsync("contoso/refusing", "refusing?status=400", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await RouteAsync("assistant", ["northwind/large", "contoso/large"], cancellation, strategy: "Weighted", cache: "Exact").ConfigureAwait(false);
        await RouteAsync("fast", ["northwind/small"], cancellation).ConfigureAwait(false);
        await RouteAsync("embed", ["northwind/embedding"], cancellation).ConfigureAwait(false);
        await RouteAsync("agent", ["northwind/tools"], cancellation).ConfigureAwait(false);
        await RouteAsync("resilient", ["contoso/broken", "northwind/large"], cancellation).ConfigureAwait(false);
        await RouteAsync("broken", ["contoso/broken"], cancellation).ConfigureAwait(false);
        await RouteAsync("refusing", ["contoso/refusing"], cancellation).ConfigureAwait(false);
        await MakeAsync("guardrails", new { id = "personal-data", name = "Personal data", appliesTo = new { tags = (string[])["guarded"] }, rules = (object[])[new { detector = "pii", action = "redact" }, new { detector = "keywords", action = "block", terms = (string[])["Falcon"] }] }, cancellation).ConfigureAwait(false);
        await MakeAsync("customers", new { id = "acme", name = "Acme Corporation" }, cancellation).ConfigureAwait(false);
        await MakeAsync("budgets", new { id = "research-month", name = "Research, each month", limitNanoUsd = 40_000_000_000, alertPercents = (int[])[50, 80, 100] }, cancellation).ConfigureAwait(false);
        await MakeAsync("budgets", new { id = "support-month", name = "Support, each month", limitNanoUsd = 1_500_000_000, alertPercents = (int[])[50, 80, 100], dryRun = true }, cancellation).ConfigureAwait(false);
        await MakeAsync("teams", new { id = "research", name = "Research", customerId = "acme", budgetIds = (string[])["research-month"] }, cancellation).ConfigureAwait(false);
        await MakeAsync("teams", new { id = "support", name = "Customer support", budgetIds = (string[])["support-month"] }, cancellation).ConfigureAwait(false);
        await MakeAsync("teams", new { id = "web", name = "Website", customerId = "acme" }, cancellation).ConfigureAwait(false);
        await MakeAsync("limits", new { id = "everyone", name = "Everyone", amount = 100_000, windowSeconds = 60 }, cancellation).ConfigureAwait(false);
        _keys.Clear();
        foreach (var (name, team, tags) in ((string, string, string[])[])
            [("Notebook", "research", ["env:dev"]), ("Evaluation runs", "research", ["env:prod"]), ("Chat widget", "web", ["env:prod"]), ("Search page", "web", ["env:prod"]), ("Ticket helper", "support", ["env:prod", "guarded"])])
        {
            _keys.Add((await MakeAsync("keys", new { name, teamId = team, tags }, cancellation).ConfigureAwait(false))!["key"]!.GetValue<string>());
        }

        await SeenAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends requests and gives back how many of each kind ended with which status.</summary>
    /// <param name="requests">How many, over all kinds.</param>
    /// <param name="together">How many at a time.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<IReadOnlyDictionary<(string Kind, int Status), int>> RunAsync(int requests, int together, CancellationToken cancellation)
    {
        var counts = new ConcurrentDictionary<(string, int), int>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = together, CancellationToken = cancellation },
            async (number, token) =>
            {
                var kind = Kinds[number % Kinds.Count];
                var status = await SendAsync(kind, number / Kinds.Count, token).ConfigureAwait(false);
                counts.AddOrUpdate((kind, status), 1, static (_, had) => had + 1);
            }).ConfigureAwait(false);
        return counts;
    }

    public void Dispose() => _http.Dispose();

    private Task<int> SendAsync(string kind, int number, CancellationToken cancellation)
    {
        var key = _keys[number % 4];
        var subject = $"Tell me about {Subjects[number % Subjects.Length]}, part {(number % 400 / 7).ToString(CultureInfo.InvariantCulture)}.";
        return kind switch
        {
            "streamed" => PostAsync("/v1/chat/completions", key, Chat(number % 3 == 0 ? "resilient" : "assistant", subject, new JsonObject { ["stream"] = true }), number, cancellation),
            "embeddings" => PostAsync("/v1/embeddings", key, new JsonObject { ["model"] = "embed", ["input"] = new JsonArray(subject, Subjects[(number + 3) % Subjects.Length]) }, number, cancellation),
            "tools" => PostAsync("/v1/chat/completions", key, Chat("agent", subject, new JsonObject { ["tools"] = new JsonArray(Tool("get_weather", "city"), Tool("find_order", "order")) }), number, cancellation),
            "guarded" => PostAsync("/v1/chat/completions", _keys[4], Chat("fast", number % 9 == 0 ? "What is the project Falcon?" : $"Write to ada{number.ToString(CultureInfo.InvariantCulture)}@example.com about {Subjects[number % Subjects.Length]}.", []), number, cancellation),
            "failing" => FailAsync(key, number, subject, cancellation),
            _ => PostAsync("/v1/chat/completions", key, Chat(number % 2 == 0 ? "fast" : "assistant", subject, []), number, cancellation),
        };
    }

    // Every way that callers see: a provider that is down or refuses, a model that is none, a body that is none, a key that is none.
    private Task<int> FailAsync(string key, int number, string subject, CancellationToken cancellation) => (number % 5) switch
    {
        0 => PostAsync("/v1/chat/completions", key, Chat("broken", subject, []), number, cancellation),
        1 => PostAsync("/v1/chat/completions", key, Chat("refusing", subject, []), number, cancellation),
        2 => PostAsync("/v1/chat/completions", key, Chat("no-such-model", subject, []), number, cancellation),
        3 => PostAsync("/v1/chat/completions", key, new JsonObject { ["model"] = "fast", ["messages"] = "none" }, number, cancellation),
        _ => PostAsync("/v1/chat/completions", "gw-no-such-key", Chat("fast", subject, []), number, cancellation),
    };

    private async Task<int> PostAsync(string path, string key, JsonObject body, int number, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (number % 3 == 0)
        {
            request.Headers.Add("x-gateway-session", $"session-{(number / 30).ToString(CultureInfo.InvariantCulture)}");
        }

        if (number % 50 == 0)
        {
            request.Headers.Add("x-gateway-explain", "true");
        }

        using var answer = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
        _ = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return (int)answer.StatusCode;
    }

    private static JsonObject Chat(string model, string text, JsonObject more)
    {
        more["model"] = model;
        more["user"] = $"user-{(text.Length % 7).ToString(CultureInfo.InvariantCulture)}";
        more["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text });
        return more;
    }

    private static JsonObject Tool(string name, string argument) => new()
    {
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = name,
            ["parameters"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { [argument] = new JsonObject { ["type"] = "string" } } },
        },
    };

    private Task DeployAsync(string id, string model, long inputMills, long outputMills, CancellationToken cancellation)
    {
        // Prices are given in thousandths of a dollar for a million tokens.
        var provider = id[..id.IndexOf('/', StringComparison.Ordinal)];
        return MakeAsync("deployments", new { id, providerId = provider, credentialId = $"{provider}-1", model, price = new { version = "example", inputPerMillion = inputMills * 1_000_000, outputPerMillion = outputMills * 1_000_000 } }, cancellation);
    }

    private Task RouteAsync(string name, string[] deployments, CancellationToken cancellation, string strategy = "Priority", string? cache = null)
        => MakeAsync(
            "routes",
            cache is null
                ? (object)new { name, strategy, targets = deployments.Select((d, i) => new { deploymentId = d, priority = strategy == "Priority" ? i : 0 }) }
                : new { name, strategy, targets = deployments.Select(d => new { deploymentId = d, weight = 1 }), cache = new { mode = cache } },
            cancellation);

    private async Task<JsonObject?> MakeAsync(string kind, object entry, CancellationToken cancellation)
    {
        using var answer = await admin.PostAsJsonAsync($"/api/{kind}", entry, cancellation).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        return answer.IsSuccessStatusCode || (int)answer.StatusCode == 409
            ? text.Length > 0 ? JsonNode.Parse(text)!.AsObject() : null
            : throw new InvalidOperationException($"POST /api/{kind}: {(int)answer.StatusCode} {text}");
    }

    // The edge has what was made as soon as it takes the last key.
    private async Task SeenAsync(CancellationToken cancellation)
    {
        while (await PostAsync("/v1/chat/completions", _keys[^1], Chat("refusing", "Hello", []), 1, cancellation).ConfigureAwait(false) is 401 or 404)
        {
            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }
    }
}
