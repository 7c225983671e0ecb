using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

public sealed class CrashOnEmbeddedStores(EmbeddedCrashGateway gateway) : CrashTests(gateway), IClassFixture<EmbeddedCrashGateway>;

public sealed class CrashOnRedisAndPostgres(StoresCrashGateway gateway) : CrashTests(gateway), IClassFixture<StoresCrashGateway>;

/// <summary>A gateway whose services may be killed.</summary>
public sealed class EmbeddedCrashGateway() : LocalGateway(stores: false);

/// <summary>A gateway whose services may be killed.</summary>
public sealed class StoresCrashGateway() : LocalGateway(stores: true);

/// <summary>Services that die while requests are under way.</summary>
public abstract class CrashTests(LocalGateway gateway) : GatewayTests(gateway)
{
    private AppHostProcess Host { get; } = gateway.Host;

    [Fact]
    public async Task Inference_goes_on_and_each_request_is_counted_once_whatever_is_killed()
    {
        var (keyId, key) = await Gateway.NewKeyAsync("load");
        await using var load = new Load(Gateway.Url, key);
        await MoreAsync(load, 100);

        // The edge itself: what was under way breaks off, what was answered before must not be lost.
        Host.Crash("edge");
        await Host.RestartedAsync("edge", 1);
        await MoreAsync(load, 100);
        var brokenByTheEdge = load.Broken;
        Assert.True(brokenByTheEdge > 0, "The kill of the edge broke nothing off: there was no load.");

        // All others: nobody notices.
        string[] others = ["governance", "guardrails", "mcphub", "semanticcache"];
        var before = others.ToDictionary(name => name, Host.ProcessOf);
        foreach (var name in others)
        {
            Host.Crash(name);
        }

        await MoreAsync(load, 50);
        foreach (var name in others)
        {
            await Host.RestartedAsync(name, 1);
            Assert.NotEqual(before[name], Host.ProcessOf(name));
        }

        await MoreAsync(load, 50);
        await load.StopAsync();
        Assert.Equal(brokenByTheEdge, load.Broken);

        await EachIsCountedOnceAsync(load, keyId);
        // Administration is back as well.
        await Gateway.NewKeyAsync("after the crashes");
    }

    // Every request has a model name of its own. One that arrived whole must be in the ledger once, with the tokens and the price of the
    // provider's bill. One that broke off may be there or not (it may have died before it settled), but never twice.
    private async Task EachIsCountedOnceAsync(Load load, string keyId)
    {
        var complete = load.Requests.Where(r => r.Value).Select(r => r.Key).ToList();
        List<JsonNode> records = [];
        await Poll.UntilAsync(
            async () =>
            {
                records = await Gateway.Admin.RecordsAsync(keyId);
                var known = records.Select(r => (string)r["model"]!).ToHashSet();
                return complete.TrueForAll(known.Contains);
            },
            () => $"{complete.Count} answers arrived whole, but {complete.Except(records.Select(r => (string)r["model"]!)).Count()} of them are not in the ledger.");

        Assert.Equal(records.Count, records.Select(r => (string)r["id"]!).Distinct().Count());
        Assert.All(records, r => Assert.Contains((string)r["model"]!, load.Requests));
        var byModel = records.GroupBy(r => (string)r["model"]!).ToDictionary(g => g.Key, g => g.ToList());
        Assert.All(byModel, g => Assert.True(g.Value.Count == 1, $"{g.Key} was counted {g.Value.Count} times."));

        var bill = Gateway.Simulator.Bill.Lines.ToLookup(line => line.Model);
        foreach (var model in complete)
        {
            var billed = Assert.Single(bill[model.Split('?')[0]]);
            var record = byModel[model][0];
            Assert.Equal(
                ("Completed", billed.PromptTokens, billed.CompletionTokens),
                ((string)record["outcome"]!, (long)record["tokens"]!["input"]!, (long)record["tokens"]!["output"]!));
            Assert.Equal((billed.PromptTokens * GatewayFixture.InputPrice) + (billed.CompletionTokens * GatewayFixture.OutputPrice), (long)record["costNanoUsd"]!);
        }

        // The totals are kept apart from the records: they must say the same.
        var total = (await Gateway.Admin.GetAsync("usage?groupBy=key"))["groups"]!.AsArray().Single(g => (string?)g!["key"] == keyId)!["totals"]!;
        Assert.Equal(
            (records.Count, records.Sum(r => (long)r["costNanoUsd"]!)),
            ((int)total["requests"]!, (long)total["costNanoUsd"]!));
    }

    private async Task MoreAsync(Load load, int count)
    {
        var goal = load.Complete + count;
        await Poll.UntilAsync(() => load.Complete >= goal, () => $"Answers stopped coming. Output of the host:\n{Host.Process.Output}");
    }
}
