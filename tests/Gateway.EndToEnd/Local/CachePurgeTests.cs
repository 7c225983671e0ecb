using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>Purges through the admin API, looked for in every layer: the memory of two edges, Redis, the cache service and its files.</summary>
public sealed class CachePurgeTests : GovernedEdges
{
    private readonly int _cachePort = Ports.Free();
    private readonly int _redisPort = Ports.Free();
    private RedisServer? _redis;

    private string CacheFolder => Path.Combine(Folder.FullName, "cache");

    protected override async ValueTask BeforeAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        _redis = RedisServer.Start(_redisPort);
        Processes.Add(ChildProcess.Start(
            Repository.Built("services/SemanticCache", "Gateway.SemanticCache.dll"),
            [],
            ("ASPNETCORE_URLS", $"http://127.0.0.1:{_cachePort}"), ("Gateway__InternalToken", Token), ("Gateway__DataDirectory", CacheFolder)));
        Settings.Add(("services__semanticcache__http__0", $"http://127.0.0.1:{_cachePort}"));
        Settings.Add(("ConnectionStrings__redis", $"127.0.0.1:{_redisPort},connectTimeout=5000,syncTimeout=5000"));
        await ReadyAsync(_cachePort);
    }

    protected override ValueTask AfterAsync()
    {
        _redis?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_purged_is_gone_from_every_layer_and_what_was_loaded_is_found()
    {
        // Without samples: a hit that is looked at again stores an answer of its own, which this test would have to know of.
        await Admin.PatchAsync("settings", new { cache = "semantic", cachePolicy = new { scope = "key", threshold = 0.8, lookupMs = 1000, samplePercent = 0 }, cacheStorage = new { redisTimeoutMs = 1000 } });
        var key = (string)(await Admin.PostAsync("keys", new { id = "asker", name = "Asker" }))["key"]!;
        var bystander = (string)(await Admin.PostAsync("keys", new { id = "bystander", name = "Bystander" }))["key"]!;
        var (a, b) = (await EdgeAsync("a", key), await EdgeAsync("b", key));
        await StoredAsync(a, bystander, "sim?tokens=9", "How high is the tower of the town hall?", "other", 1);

        var slowest = TimeSpan.Zero;
        foreach (var (name, query) in new (string, Func<string, Task<string>>)[]
        {
            ("key", static id => Task.FromResult($"key={id}")),
            ("entry", async id => $"key={(string)(await EntriesAsync("answer=" + id)).Single()!["id"]!}"),
            ("scope", static _ => Task.FromResult("scope=key:asker")),
            ("tag", static _ => Task.FromResult("tag=faq")),
            ("model", static _ => Task.FromResult("model=" + Uri.EscapeDataString("sim?tokens=5"))),
            ("route", static _ => Task.FromResult("route=" + Uri.EscapeDataString("sim*") + "&tag=faq")),
            ("age", static _ => Task.FromResult("olderThanSeconds=0&tag=faq")),
        })
        {
            var question = $"How do I open the account of department {name}, and where is its form?";
            var id = await StoredAsync(a, key, "sim?tokens=5", question, "faq", 2);
            Assert.Equal("hit-exact", (await AskAsync(b, key, "sim?tokens=5", question, "faq")).Result);
            var near = await AskAsync(b, key, "sim?tokens=5", question.Replace("How do I open", "How can I open", StringComparison.Ordinal), "faq");
            Assert.Equal(("hit-semantic", id), near);

            var clock = Stopwatch.StartNew();
            await Admin.DeleteAsync("cache?" + await query(id));
            var left = "";
            await Poll.UntilAsync(
                async () =>
                {
                    var (atA, atB, inRedis, inService) = (await AnswersAsync(a), await AnswersAsync(b), await InRedisAsync(), (await EntriesAsync("")).Count);
                    left = $"{atA} and {atB} in memory, {inRedis} in Redis, {inService} in the service";
                    return (atA, atB, inRedis, inService) == (1, 0, 1, 1);
                },
                () => $"The purge by {name} left something: {left}.");
            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
            foreach (var file in Directory.GetFiles(CacheFolder, "*", SearchOption.AllDirectories))
            {
                Assert.DoesNotContain($"department {name}", Encoding.Latin1.GetString(await ReadAsync(file)), StringComparison.Ordinal);
            }

            Assert.Equal("miss", (await AskAsync(b, key, "sim?tokens=5", question.Replace("How do I open", "How can I open", StringComparison.Ordinal), "faq", store: false)).Result);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"slowest purge until every layer was empty: {slowest.TotalMilliseconds:0} ms");
        await Admin.DeleteAsync("cache?all=true");
        await Poll.UntilAsync(async () => await AnswersAsync(a) == 0 && await InRedisAsync() == 0 && (await EntriesAsync("")).Count == 0, () => "Not all is gone.");

        // Loaded pairs are found by meaning, beside an answer that an edge stored.
        var like = await StoredAsync(a, key, "sim?tokens=5", "Where is the canteen?", "faq", 1);
        var file2 = Path.Combine(Folder.FullName, "pairs.jsonl");
        await File.WriteAllTextAsync(file2, """{"question":"How do I reset my password?","answer":"Press reset in the settings."}""", TestContext.Current.CancellationToken);
        await using (var cli = ChildProcess.Start(
            Repository.Built("Cli", "gateway.dll"), ["cache", "warm", file2, "--like", like, "--service", $"http://127.0.0.1:{_cachePort}"], ("GATEWAY_INTERNAL_TOKEN", Token)))
        {
            Assert.True(await cli.ExitAsync(TimeSpan.FromSeconds(60)) == 0, cli.Output);
        }

        using var warmed = await SendAsync(b, key, "sim?tokens=5", "How do I reset my password", "faq", store: true);
        Assert.Equal("hit-semantic", Header(warmed, "x-gateway-cache"));
        Assert.Contains("Press reset in the settings.", await warmed.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // What was saved stands in the ledger, by key and in all.
        await Poll.UntilAsync(
            async () => (await Admin.GetAsync("usage?groupBy=key"))["groups"]!.AsArray().FirstOrDefault(static g => (string?)g!["key"] == "asker")?["totals"]!["cache"] is { } cache
                && (int)cache["exact"]! >= 7 && (int)cache["semantic"]! >= 8 && (long)cache["savedNanoUsd"]! > 0,
            () => "The ledger does not tell what the cache saved.");
        var explained = await Admin.PostAsync("cache/explain", new { textA = "Comment est-ce que je peux réinitialiser mon mot de passe ?", textB = "Comment puis-je changer mon mot de passe ?" });
        Assert.Equal("unknown_language", (string?)explained["reason"]);
        var stats = await Admin.GetAsync("cache/semantic");
        Assert.True((long)stats["hits"]! >= 8, stats.ToJsonString());
        Assert.Contains(stats["domains"]!.AsArray(), static d => (string?)d!["name"] == "key:asker sim*");
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : "";

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var memory = new MemoryStream();
        await stream.CopyToAsync(memory, TestContext.Current.CancellationToken);
        return memory.ToArray();
    }

    /// <summary>Asks what nobody has asked, and waits until the answer is in Redis and in the service.</summary>
    private async Task<string> StoredAsync(int port, string key, string model, string question, string tag, int expected)
    {
        var (result, id) = await AskAsync(port, key, model, question, tag);
        Assert.Equal("miss", result);
        await Poll.UntilAsync(async () => await InRedisAsync() == expected && (await EntriesAsync("")).Count == expected, () => $"'{question}' is not stored everywhere.");
        return id;
    }

    private async Task<(string Result, string Id)> AskAsync(int port, string key, string model, string question, string tag, bool store = true)
    {
        using var answer = await SendAsync(port, key, model, question, tag, store);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (Header(answer, "x-gateway-cache"), Header(answer, "x-gateway-cache-id"));
    }

    private async Task<HttpResponseMessage> SendAsync(int port, string key, string model, string question, string tag, bool store)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://localhost:{port}/v1/chat/completions")
        {
            Content = new StringContent(new JsonObject { ["model"] = model, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = question }) }.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("x-gateway-tags", tag);
        if (!store)
        {
            request.Headers.CacheControl = new CacheControlHeaderValue { NoStore = true };
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Answers in the memory of an edge.</summary>
    private async Task<int> AnswersAsync(int port)
    {
        var text = await Http.GetStringAsync(new Uri($"http://localhost:{port}/metrics"), TestContext.Current.CancellationToken);
        var line = text.Split('\n').FirstOrDefault(static l => l.StartsWith("gateway_cache_memory_entries", StringComparison.Ordinal));
        return line is null ? -1 : (int)double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ').First(static p => p.Length > 0 && char.IsAsciiDigit(p[0])), CultureInfo.InvariantCulture);
    }

    private async Task<JsonArray> EntriesAsync(string query) => (await Admin.GetAsync("cache/entries" + (query.Length == 0 ? "" : "?" + query)))["entries"]!.AsArray();

    private async Task<int> InRedisAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _redisPort, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync("KEYS {gateway:cache}:e:*\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        return int.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken))![1..], CultureInfo.InvariantCulture);
    }
}
