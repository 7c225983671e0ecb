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
/// <param name="desk">Where the gateway reaches a <see cref="ToolDesk"/>; null for a gateway without the MCP hub.</param>
internal sealed class SixKinds(HttpClient admin, Uri gateway, string simulator, string? desk) : IDisposable
{
    // Status that is counted for a caller who went away in the middle of a stream, and for a stream that broke off.
    private const int Gone = 499;
    private const int Cut = 502;

    /// <summary>What calls of tools through the MCP address are counted as: they are no inference requests.</summary>
    public const string McpKind = "mcp";

    private const int Guarded = 4;
    private const int Trial = 5;
    private const int Nightly = 6;

    private static readonly string[] Subjects = ["invoices", "holidays", "the weather in Oslo", "our new prices", "a poem on autumn", "unit tests", "shipping", "contracts", "onboarding", "the canteen"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(60) };
    private readonly List<string> _keys = [];
    private ToolCalls? _tools;

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
        await DeployAsync("northwind/story", "story?tokens=200&rate=400&ttft=30", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await DeployAsync("northwind/answers", "answers?echo=1&latency=30&jitter=30", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await DeployAsync("contoso/flaky", "flaky?tokens=60&cut=900", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await DeployAsync("contoso/dropping", "dropping?drop=1", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await DeployAsync("contoso/busy", "busy?status=429", 2_500, 10_000, cancellation).ConfigureAwait(false);
        await RouteAsync("assistant", ["northwind/large", "contoso/large"], cancellation, strategy: "Weighted", cache: new { mode = "Exact", scope = "Route" }).ConfigureAwait(false);
        await RouteAsync("faq", ["northwind/answers"], cancellation, cache: new { mode = "Semantic", scope = "Route", maxWrongHitPercent = 5, samplePercent = 20, lookupMs = 500 }).ConfigureAwait(false);
        await RouteAsync("helpdesk", ["northwind/answers"], cancellation, cache: new { mode = "Semantic", scope = "Route", threshold = 0.8, samplePercent = 20, lookupMs = 500 }).ConfigureAwait(false);
        await RouteAsync("considered", ["northwind/answers"], cancellation, cache: new { mode = "Semantic", scope = "Team", shadow = true, threshold = 0.8, lookupMs = 500 }).ConfigureAwait(false);
        await RouteAsync("story", ["northwind/story"], cancellation).ConfigureAwait(false);
        await RouteAsync("flaky", ["contoso/flaky"], cancellation).ConfigureAwait(false);
        await RouteAsync("dropping", ["contoso/dropping"], cancellation).ConfigureAwait(false);
        await RouteAsync("busy", ["contoso/busy"], cancellation).ConfigureAwait(false);
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
        await MakeAsync("budgets", new { id = "trial-day", name = "Trial, each day", limitNanoUsd = 50_000, window = "Day", alertPercents = (int[])[50, 80, 100] }, cancellation).ConfigureAwait(false);
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

        _keys.Add((await MakeAsync("keys", new { name = "Trial account", customerId = "acme", budgetIds = (string[])["trial-day"] }, cancellation).ConfigureAwait(false))!["key"]!.GetValue<string>());
        _keys.Add((await MakeAsync("keys", new { name = "Nightly batch", teamId = "web", allowedModels = (string[])["fast"], limits = new { requestsPerMinute = 20 } }, cancellation).ConfigureAwait(false))!["key"]!.GetValue<string>());
        await SeenAsync(cancellation).ConfigureAwait(false);
        if (desk is not null)
        {
            await MakeAsync("mcp/servers", new { id = "desk", name = "Help desk", url = desk, trust = "FirstUse", tools = (object[])[new { tool = "refund_*", approval = "Admin" }, new { tool = "find_*", priceNanoUsd = 500_000 }] }, cancellation).ConfigureAwait(false);
            _tools = new ToolCalls(_http);
        }
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
                kind = kind == "tools" && IsCall(number / Kinds.Count) ? McpKind : kind;
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
            "streamed" when number % 13 == 7 => LeaveAsync(key, subject, cancellation),
            "streamed" when number % 17 == 9 => PostAsync("/v1/chat/completions", key, Chat("flaky", subject, new JsonObject { ["stream"] = true }), number, cancellation),
            "streamed" => PostAsync("/v1/chat/completions", key, Chat(number % 3 == 0 ? "resilient" : "assistant", subject, new JsonObject { ["stream"] = true }), number, cancellation),
            "embeddings" => PostAsync("/v1/embeddings", key, new JsonObject { ["model"] = "embed", ["input"] = new JsonArray(subject, Subjects[(number + 3) % Subjects.Length]) }, number, cancellation),
            "tools" when IsCall(number) => _tools!.SendAsync(key, number / 4, cancellation),
            "tools" => PostAsync("/v1/chat/completions", key, Chat("agent", subject, new JsonObject { ["tools"] = new JsonArray(Tool("get_weather", "city"), Tool("find_order", "order")) }), number, cancellation),
            "guarded" => PostAsync("/v1/chat/completions", _keys[Guarded], Chat("fast", number % 9 == 0 ? "What is the project Falcon?" : $"Write to ada{number.ToString(CultureInfo.InvariantCulture)}@example.com about {Subjects[number % Subjects.Length]}.", []), number, cancellation),
            "failing" => FailAsync(key, number, subject, cancellation),
            _ => PlainAsync(key, number, subject, cancellation),
        };
    }

    // Of the tool-using requests, those that call a tool themselves.
    private bool IsCall(int number) => number % 4 == 3 && _tools is not null;

    // Half of what people ask was asked before, in these words or in others.
    private Task<int> PlainAsync(string key, int number, string subject, CancellationToken cancellation)
    {
        var (by, model, text) = (number % 10) switch
        {
            0 or 5 => (key, "faq", Questions.At(number)),
            1 or 6 => (key, "helpdesk", Questions.At(number)),
            2 => (key, "considered", Questions.At(number)),
            3 => (number % 20 == 3 ? _keys[Trial] : _keys[Nightly], "fast", subject),
            4 => (key, "fast", subject),
            _ => (key, "assistant", subject),
        };

        // What a request may cost at most is held on its budgets: without a bound a small budget lets none pass.
        return PostAsync("/v1/chat/completions", by, Chat(model, text, model == "fast" ? new JsonObject { ["max_tokens"] = 20 } : []), number, cancellation);
    }

    // Every way that callers see: a provider that is down, refuses, hangs up or is busy, a model that is none or not theirs, a body that is none, a key that is none.
    private Task<int> FailAsync(string key, int number, string subject, CancellationToken cancellation) => (number % 8) switch
    {
        0 => PostAsync("/v1/chat/completions", key, Chat("broken", subject, []), number, cancellation),
        1 => PostAsync("/v1/chat/completions", key, Chat("refusing", subject, []), number, cancellation),
        2 => PostAsync("/v1/chat/completions", key, Chat("no-such-model", subject, []), number, cancellation),
        3 => PostAsync("/v1/chat/completions", key, new JsonObject { ["model"] = "fast", ["messages"] = "none" }, number, cancellation),
        4 => PostAsync("/v1/chat/completions", key, Chat("dropping", subject, []), number, cancellation),
        5 => PostAsync("/v1/chat/completions", key, Chat("busy", subject, []), number, cancellation),
        6 => PostAsync("/v1/chat/completions", _keys[Nightly], Chat("assistant", subject, []), number, cancellation),
        _ => PostAsync("/v1/chat/completions", "gw-no-such-key", Chat("fast", subject, []), number, cancellation),
    };

    // Reads the beginning of a stream and goes.
    private async Task<int> LeaveAsync(string key, string subject, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(Chat("story", subject, new JsonObject { ["stream"] = true })) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        var stream = await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        _ = await stream.ReadAsync(new byte[256], cancellation).ConfigureAwait(false);
        return Gone;
    }

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

        try
        {
            using var answer = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            _ = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return Cut;
        }
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

    private Task RouteAsync(string name, string[] deployments, CancellationToken cancellation, string strategy = "Priority", object? cache = null)
        => MakeAsync(
            "routes",
            cache is null
                ? (object)new { name, strategy, targets = deployments.Select((d, i) => new { deploymentId = d, priority = strategy == "Priority" ? i : 0 }) }
                : new { name, strategy, targets = deployments.Select(d => new { deploymentId = d, weight = 1 }), cache },
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
        while (await PostAsync("/v1/chat/completions", _keys[0], Chat("refusing", "Hello", []), 1, cancellation).ConfigureAwait(false) is 401 or 404)
        {
            await Task.Delay(50, cancellation).ConfigureAwait(false);
        }
    }
}
