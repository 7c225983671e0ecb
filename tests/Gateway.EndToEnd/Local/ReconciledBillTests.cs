using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;
using Gateway.LlmSimulator;
using Gateway.LlmSimulator.Control;

namespace Gateway.EndToEnd.Local;

/// <summary>Real traffic through the edge, the simulator's own bill as a provider's CSV, and the ledger beside it: within 0.1 %, and every difference in its class.</summary>
public sealed class ReconciledBillTests : IAsyncLifetime
{
    private const string Token = "internal-token-of-this-test-0123456789";

    // Nano-dollars a token, as the provider bills them.
    private const long Input = 2_500, CacheRead = 1_250, Output = 10_000, Reasoning = 12_000;

    private static readonly (string Id, string Model)[] _deployments =
    [
        ("plain", "sim-plain?tokens=37&cached=3&reasoning=5"), ("lost", "sim-lost?tokens=23&usage=0"), ("cut", "sim-cut?tokens=60&endAfter=30"), ("dear", "sim-dear?tokens=11"), ("free", "sim-free?tokens=9"),
    ];

    private readonly DirectoryInfo _folder = TemporaryFolder.Create();
    private readonly HttpClient _http = new();
    private readonly int _governancePort = Ports.Free();
    private readonly int _edgePort = Ports.Free();
    private readonly List<ChildProcess> _processes = [];
    private SimulatorHost _simulator = null!;
    private AdminApi _admin = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _simulator = await SimulatorHost.StartAsync(new SimulatorOptions(), Cancellation);
        Start("services/Governance", "Gateway.Governance.dll", ("ASPNETCORE_URLS", $"http://127.0.0.1:{_governancePort}"), ("OLLAMA_HOST", "127.0.0.1:1"), ("Gateway__DataDirectory", Path.Combine(_folder.FullName, "governance")));
        await ReadyAsync(_governancePort);
        _admin = new AdminApi($"http://127.0.0.1:{_governancePort}", (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "governance", "admin.key"), Cancellation)).Trim());
        await _admin.PostAsync("providers", new { id = "sim", baseUrl = _simulator.BaseUrl });
        await _admin.PostAsync("credentials", new { id = "sim-1", providerId = "sim", secret = "sk-any" });
        foreach (var (id, model) in _deployments)
        {
            await _admin.PostAsync("deployments", new { id, providerId = "sim", credentialId = "sim-1", model });
            await _admin.PostAsync("routes", new { name = id, targets = (object[])[new { deploymentId = id }] });
        }

        // The price is an override: the ledger's price of a unit has to be found there. One model is free of a price, one is believed to cost half.
        var price = new { inputPerMillion = Input * 1_000_000, cacheReadPerMillion = CacheRead * 1_000_000, outputPerMillion = Output * 1_000_000, reasoningPerMillion = Reasoning * 1_000_000 };
        foreach (var model in (string[])["sim-plain*", "sim-lost*", "sim-cut*", "sim-dear*"])
        {
            await _admin.PostAsync("price-overrides", new { id = model.TrimEnd('*'), model, versions = (object[])[new { version = "1", price }] });
        }

        await _admin.PostAsync("price-overrides", new { id = "half", deploymentId = "dear", versions = (object[])[new { version = "1", factorBasisPoints = 5_000 }] });
        Start(
            "services/Edge", "Gateway.Edge.dll", ("Gateway__Port", _edgePort.ToString(CultureInfo.InvariantCulture)), ("services__governance__http__0", $"http://127.0.0.1:{_governancePort}"),
            ("Gateway__DataDirectory", Path.Combine(_folder.FullName, "edge")));
        await ReadyAsync(_edgePort);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }

        _admin?.Dispose();
        _http.Dispose();
        await _simulator.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_ledger_is_the_providers_bill_within_a_thousandth_and_what_differs_is_in_its_class()
    {
        var key = await _admin.PostAsync("keys", new { name = "k" });
        var (id, secret) = ((string)key["id"]!, (string)key["key"]!);
        await Poll.UntilAsync(async () => await AskAsync(secret, "plain", stream: false, 0) == 200, () => "The key never worked.");
        var asked = 1;
        foreach (var (model, count) in ((string, int)[])[("plain", 120), ("lost", 20), ("cut", 20), ("dear", 30), ("free", 10)])
        {
            for (var i = 0; i < count; i++, asked++)
            {
                await AskAsync(secret, model, stream: model == "cut" || i % 2 == 0, i);
            }
        }

        // Somebody uses the provider's key past the gateway.
        using (var past = new HttpRequestMessage(HttpMethod.Post, new Uri(_simulator.BaseUrl + "/chat/completions")) { Content = Body("sim-past?tokens=50", stream: false, 0) })
        {
            past.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-any");
            (await _http.SendAsync(past, Cancellation)).EnsureSuccessStatusCode();
        }

        var records = await RecordsAsync(id, asked);
        Assert.Equal(asked, records.Count);
        var days = records.Select(r => ((DateTimeOffset)r["startedAt"]!).UtcDateTime.Date).Distinct().ToList();
        Assert.SkipWhen(days.Count > 1, "It was midnight in the middle.");
        var (first, next) = (Day(days[0]), Day(days[0].AddDays(1)));

        var bill = _simulator.Bill.Lines;
        await ImportAsync($"sim&from={first}&to={next}", Csv(bill, days[0]));
        var report = await _admin.GetAsync($"reconciliation?from={first}&to={next}&provider=sim");

        Assert.Equal(bill.Sum(Cost), (long)report["billedNanoUsd"]!);
        Assert.Equal(records.Sum(r => (long)r["costNanoUsd"]!), (long)report["ledgerNanoUsd"]!);
        Assert.All(report["items"]!.AsArray(), i => Assert.Equal((long)i!["differenceNanoUsd"]!, i["parts"]!.AsArray().Sum(p => (long)p!["nanoUsd"]!)));

        // By class: nothing of what came through whole, the half of the price that is not known, the model without one, and what never came through.
        Assert.Equal(Cost(bill, "sim-plain"), (long)Item(report, "plain")["ledgerNanoUsd"]!);
        Assert.Equal(Cost(bill, "sim-dear") / 2, Part(report, "dear", "price"));
        Assert.Equal((long)Item(report, "dear")["differenceNanoUsd"]!, Part(report, "dear", "price"));
        Assert.Equal(Output * 1_000_000, (long)Item(report, "dear")["prices"]!.AsArray().Single(p => (string)p!["unit"]! == "output")!["billedPerMillion"]!);
        Assert.Equal(Output * 500_000, (long)Item(report, "dear")["prices"]!.AsArray().Single(p => (string)p!["unit"]! == "output")!["ledgerPerMillion"]!);
        Assert.Equal(Cost(bill, "sim-free"), Part(report, "free", "unpriced"));
        Assert.Equal(Cost(bill, "sim-past"), (long)report["classes"]!["notThroughGateway"]!);
        foreach (var model in (string[])["lost", "cut"])
        {
            Assert.Equal((long)Item(report, model)["differenceNanoUsd"]!, Part(report, model, "estimated") + Part(report, model, "rounding"));

            // Not all of those that break off reach the provider: it counts as unhealthy in between.
            Assert.Equal((long)Item(report, model)["requests"]!, (long)Item(report, model)["estimatedRequests"]!);
            Assert.InRange((long)Item(report, model)["requests"]!, 3, 20);
        }

        Assert.DoesNotContain("unexplained", report["classes"]!.AsObject().Select(c => c.Key));

        // Taken over, what came through the gateway is the bill within a thousandth, and within the nano-dollars of rounding.
        await _admin.PostAsync("reconciliation/adjust", new { from = first, to = next, provider = "sim", classes = (string[])["estimated", "unpriced", "price"], reason = "the bill" });
        var after = await _admin.GetAsync($"reconciliation?from={first}&to={next}&provider=sim");
        var through = bill.Where(l => !l.Model.StartsWith("sim-past", StringComparison.Ordinal)).Sum(Cost);
        Assert.InRange((long)after["ledgerNanoUsd"]!, through - (through / 100_000), through + (through / 100_000));
    }

    private static JsonNode Item(JsonNode report, string model)
        => report["items"]!.AsArray().Single(i => ((string)i!["model"]!).StartsWith("sim-" + model, StringComparison.Ordinal))!;

    private static long Part(JsonNode report, string model, string why) => Item(report, model)["parts"]!.AsArray().Where(p => (string)p!["class"]! == why).Sum(p => (long)p!["nanoUsd"]!);

    private static long Cost(IEnumerable<BillLine> bill, string model) => bill.Where(l => l.Model == model).Sum(Cost);

    private static long Cost(BillLine l) => ((l.PromptTokens - l.Classes.CacheRead) * Input) + (l.Classes.CacheRead * CacheRead) + ((l.CompletionTokens - l.Classes.Reasoning) * Output) + (l.Classes.Reasoning * Reasoning);

    private static string Csv(IReadOnlyList<BillLine> bill, DateTime day)
    {
        var csv = new StringBuilder("date,model,account,unit,quantity,amount\n");
        foreach (var model in bill.GroupBy(l => l.Model))
        {
            foreach (var (unit, quantity, price) in ((string, long, long)[])
            [
                ("input", model.Sum(l => l.PromptTokens - l.Classes.CacheRead), Input), ("cacheRead", model.Sum(l => (long)l.Classes.CacheRead), CacheRead),
                ("output", model.Sum(l => l.CompletionTokens - l.Classes.Reasoning), Output), ("reasoning", model.Sum(l => (long)l.Classes.Reasoning), Reasoning),
            ])
            {
                csv.Append(CultureInfo.InvariantCulture, $"{day:yyyy-MM-dd},{model.Key},sk-any,{unit},{quantity},{quantity * price / 1_000_000_000m:F9}\n");
            }
        }

        return csv.ToString();
    }

    private static string Day(DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private async Task ImportAsync(string query, string csv)
    {
        var models = string.Join(',', _deployments.Select(d => $"{d.Model[..d.Model.IndexOf('?', StringComparison.Ordinal)]}={d.Model}"));
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri($"http://127.0.0.1:{_governancePort}/api/reconciliation/imports?source=csv&provider={query}&models={Uri.EscapeDataString(models)}&credentials=sk-any%3Dsim-1"))
        {
            Content = new StringContent(csv, Encoding.UTF8, "text/csv"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "governance", "admin.key"), Cancellation)).Trim());
        using var answer = await _http.SendAsync(request, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<List<JsonNode>> RecordsAsync(string key, int count)
    {
        List<JsonNode> records = [];
        await Poll.UntilAsync(async () => (records = await _admin.RecordsAsync(key)).Count >= count, () => $"{records.Count} of {count} requests were recorded.");
        return records;
    }

    private async Task<int> AskAsync(string key, string model, bool stream, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{_edgePort}/v1/chat/completions")) { Content = Body(model, stream, number) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var answer = await _http.SendAsync(request, Cancellation);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException) when (model == "cut")
        {
            // The stream broke off, as it should.
            return 0;
        }
    }

    private static StringContent Body(string model, bool stream, int number)
        => new(
            new JsonObject
            {
                ["model"] = model, ["stream"] = stream, ["max_tokens"] = 200,
                ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Say something of {number}, {new string('x', number % 7)} and of what lies between it and the next one, please." }),
            }.ToJsonString(),
            Encoding.UTF8, "application/json");

    private void Start(string project, string file, params (string, string)[] variables)
        => _processes.Add(ChildProcess.Start(Repository.Built(project, file), [], [("Gateway__InternalToken", Token), .. variables]));

    private async Task ReadyAsync(int port) => await Poll.UntilAsync(
        async () =>
        {
            try
            {
                using var response = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"), Cancellation);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        () => $"It was never ready. Output:\n{string.Join("\n---\n", _processes.Select(static p => p.Output))}");
}
