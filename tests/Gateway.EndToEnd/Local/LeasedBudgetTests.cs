using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>Two edges that spend one budget of one governance, as processes.</summary>
public sealed class LeasedBudgetTests : GovernedEdges
{
    [Fact]
    public async Task Two_edges_that_race_for_one_budget_never_overspend_it_and_use_it_up()
    {
        const long limit = 20_000;
        var (keyId, key) = await KeyAsync("race", limit);
        int[] edges = [await EdgeAsync("a", key), await EdgeAsync("b", key)];

        var statuses = new List<HttpStatusCode>();
        using var turn = new SemaphoreSlim(16);
        await Task.WhenAll(Enumerable.Range(0, 160).Select(async i =>
        {
            await turn.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                var (status, _) = await ChatAsync(edges[i % 2], key, "sim?latency=5&tokens=40", "\"max_tokens\":80" + (i % 3 == 0 ? ",\"stream\":true" : ""));
                lock (statuses)
                {
                    statuses.Add(status);
                }
            }
            finally
            {
                turn.Release();
            }
        }));

        Assert.Contains(HttpStatusCode.OK, statuses);
        Assert.Contains(HttpStatusCode.PaymentRequired, statuses);
        Assert.All(statuses, s => Assert.True(s is HttpStatusCode.OK or HttpStatusCode.PaymentRequired, s.ToString()));
        Assert.True(Bill() <= limit, $"{Bill()} of {limit} nano-dollars");

        // One by one, whatever fits is admitted, whichever edge it comes to.
        for (var i = 0; ; i++)
        {
            var (status, body) = await ChatAsync(edges[i % 2], key, "sim?tokens=8", "\"max_tokens\":10");
            if (status != HttpStatusCode.OK)
            {
                var message = JsonNode.Parse(body)!["error"]!["message"]!.GetValue<string>();
                var bound = decimal.Parse(message.Split("up to ")[1].Split(' ')[0], CultureInfo.InvariantCulture) * 1_000_000_000m;
                Assert.True(limit - Bill() < bound, $"{limit - Bill()} nano-dollars are left, and {bound} do not fit: {message}");
                break;
            }
        }

        Assert.True(Bill() <= limit);
        await RecordedAsync(keyId, Bill());
    }

    [Fact]
    public async Task What_ran_on_an_edge_that_is_killed_is_settled_once_from_above()
    {
        var (keyId, key) = await KeyAsync("kill", 1_000_000_000);
        var port = await EdgeAsync("a", key);
        using var request = Request(port, key, "sim?tokens=2000&rate=50", "\"max_tokens\":3000,\"stream\":true");
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using (var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken))
        {
            await stream.ReadExactlyAsync(new byte[200], TestContext.Current.CancellationToken);
        }

        await KillAsync(Processes[^1]);
        await EdgeAsync("a", key);

        List<JsonNode> records = [];
        await Poll.UntilAsync(async () => (records = await Admin.RecordsAsync(keyId)).Count > 0, () => "What ran was never recorded.");
        var record = Assert.Single(records);
        Assert.Equal("GatewayKilled", (string?)record["outcome"]);
        Assert.True((long)record["costNanoUsd"]! >= 3_000 * OutputPrice, record.ToJsonString());

        // A second start finds nothing left behind.
        await Processes[^1].DisposeAsync();
        Processes.RemoveAt(Processes.Count - 1);
        await EdgeAsync("a", key);
        var (status, _) = await ChatAsync(LastPort, key, "sim?tokens=8", "\"max_tokens\":10");
        Assert.Equal(HttpStatusCode.OK, status);
        await Poll.UntilAsync(async () => (records = await Admin.RecordsAsync(keyId)).Count > 1, () => "The request after the restart was never recorded.");
        Assert.Equal(2, records.Count);
    }

    [Fact]
    public async Task Without_governance_a_lease_is_spent_and_then_budgets_refuse_while_other_keys_go_on()
    {
        var (_, key) = await KeyAsync("down", 1_000_000_000);
        var free = (string)(await Admin.PostAsync("keys", new { name = "free" }))["key"]!;
        var port = await EdgeAsync("a", key);
        await Poll.UntilAsync(async () => (await ChatAsync(port, free, "sim?tokens=8", "\"max_tokens\":10")).Status == HttpStatusCode.OK, () => "The key without a budget never worked.");
        Assert.Equal(HttpStatusCode.OK, (await ChatAsync(port, key, "sim?tokens=8", "\"max_tokens\":10")).Status);
        await KillAsync(Processes[0]);

        var (status, body) = (HttpStatusCode.OK, "");
        await Poll.UntilAsync(
            async () =>
            {
                (status, body) = await ChatAsync(port, key, "sim?tokens=8", "\"max_tokens\":100000");
                return status != HttpStatusCode.OK;
            },
            () => "A budget was spent on without a lease.");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("budget_unavailable", (string?)JsonNode.Parse(body)!["error"]!["code"]);
        Assert.Equal(HttpStatusCode.OK, (await ChatAsync(port, free, "sim?tokens=8", "\"max_tokens\":10")).Status);

        StartGovernance();
        await Poll.UntilAsync(async () => (await ChatAsync(port, key, "sim?tokens=8", "\"max_tokens\":10")).Status == HttpStatusCode.OK, () => "Budgets never came back.");
    }

    [Fact]
    public async Task An_edge_alone_counts_what_ran_when_it_was_killed_once_in_its_budgets()
    {
        const string key = "gw-alone-key-000000000000000000000000000000000000";
        var file = Path.Combine(Folder.FullName, "alone.yaml");
        await File.WriteAllTextAsync(
            file,
            $$"""
            version: 1
            autoProviders: false
            demo: false
            providers: { sim: { baseUrl: "{{Simulator.BaseUrl}}", apiKey: sk-any } }
            deployments: { sim: { provider: sim, model: "sim*", price: { version: test, inputPerMillion: 0.003, outputPerMillion: 0.005 } } }
            routes: { "sim*": { targets: [sim] } }
            budgets: { b: { limitUsd: 0.00004, window: total } }
            keys: { main: { value: {{key}}, budgets: [b] } }
            """,
            TestContext.Current.CancellationToken);
        var port = await StartAloneAsync(file);

        // 5 nano-dollars a token: this holds between 25 and 30 thousand of 40 thousand.
        using var request = Request(port, key, "sim?tokens=2000&rate=50", "\"max_tokens\":5000,\"stream\":true");
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using (var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken))
        {
            await stream.ReadExactlyAsync(new byte[200], TestContext.Current.CancellationToken);
        }

        for (var starts = 0; starts < 2; starts++)
        {
            await KillAsync(Processes[^1]);
            port = await StartAloneAsync(file);
            Assert.Equal(HttpStatusCode.PaymentRequired, (await ChatAsync(port, key, "sim?tokens=8", "\"max_tokens\":3000")).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await ChatAsync(port, key, "sim?tokens=8", "\"max_tokens\":100")).Status);
    }

    private async Task<int> StartAloneAsync(string file)
    {
        var port = Ports.Free();
        Processes.Add(ChildProcess.Start(
            Repository.Built("services/Edge", "Gateway.Edge.dll"),
            ["--config", file],
            ("Gateway__Port", port.ToString(CultureInfo.InvariantCulture)),
            ("Gateway__DataDirectory", Path.Combine(Folder.FullName, "alone"))));
        await ReadyAsync(port);
        return port;
    }

    private async Task<(string Id, string Key)> KeyAsync(string name, long limit)
    {
        await Admin.PostAsync("budgets", new { id = name, name, limitNanoUsd = limit, window = "Total" });
        var created = await Admin.PostAsync("keys", new { name, budgetIds = (string[])[name] });
        return ((string)created["id"]!, (string)created["key"]!);
    }

    private async Task RecordedAsync(string keyId, long cost)
    {
        var recorded = 0L;
        await Poll.UntilAsync(
            async () => (recorded = (await Admin.RecordsAsync(keyId)).Sum(static r => (long)r["costNanoUsd"]!)) == cost,
            () => $"{recorded} nano-dollars are recorded, {cost} were billed.");
    }

    private long Bill() => Simulator.Bill.Lines.Sum(static l => (l.PromptTokens * InputPrice) + (l.CompletionTokens * OutputPrice));
}
