using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.LedgerBenchmark;
using Gateway.Load.Clients;
using Gateway.Load.Running;
using Gateway.Snapshot;

namespace Gateway.Load.Scenarios;

/// <summary>The edge at full load under governance: what reaches the ledger while requests come, and whether all of it does.</summary>
internal static class LedgerScenario
{
    private const int Keys = 200;

    // Two services compile what they run while the load takes both cores.
    private const int WarmupSeconds = 15;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    public static async Task RunAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        report.Title($"ledger: governed requests under governance, {Keys} keys with two budgets and two limits each, wrk, {arguments.Connections} connections, {arguments.Seconds} s");
        var rows = new List<string[]> { await MeasureAsync(bench, arguments, "sqlite", null, cancellationToken).ConfigureAwait(false) };
        if (PostgresProcess.IsThere)
        {
            // The server runs as another user, who may not enter the harness's own folder.
            var data = Directory.CreateTempSubdirectory("gateway-load-postgres-").FullName;
            try
            {
                var postgres = await PostgresProcess.StartAsync(data, cancellationToken).ConfigureAwait(false);
                await using (postgres.ConfigureAwait(false))
                {
                    rows.Add(await MeasureAsync(bench, arguments, "postgres", postgres.Connection, cancellationToken).ConfigureAwait(false));
                }
            }
            finally
            {
                Directory.Delete(data, recursive: true);
            }
        }

        report.Table(["store", "answers/s", "into the ledger/s meanwhile", "all there after s", "edge counted", "in the ledger", "lost", "edge CPU/req", "governance CPU/req", "edge RSS MB", "errors"], rows);
    }

    private static async Task<string[]> MeasureAsync(Bench bench, Arguments arguments, string store, string? postgres, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(bench.Directory, "ledger-" + store)).FullName;
        var installation = new Installation(bench.Service("{service}"), folder, postgres);
        await using (installation.ConfigureAwait(false))
        {
            await installation.StartGovernanceAsync().ConfigureAwait(false);
            var answer = await installation.DoAsync(HttpMethod.Post, "/api/config/apply", Configuration(bench.PlainUpstream)).ConfigureAwait(false);
            await installation.StartEdgeAsync().ConfigureAwait(false);
            var keys = Installation.Secrets(answer["secrets"]).Select(static s => s.Value).ToList();
            var (edge, client) = installation.Edges[0];
            var lua = "[[" + Bodies.Chat(Bodies.Model) + "]]";
            _ = await RunAsync(WarmupSeconds).ConfigureAwait(false);
            var (_, before) = await AllThereAsync(installation, client, cancellationToken).ConfigureAwait(false);

            var (edgeCpu, governanceCpu) = Cpu();
            var wrk = await RunAsync(arguments.Seconds).ConfigureAwait(false);
            var clock = Stopwatch.StartNew();
            (edgeCpu, governanceCpu) = (Cpu().Edge - edgeCpu, Cpu().Governance - governanceCpu);
            var meanwhile = await InLedgerAsync(installation).ConfigureAwait(false) - before;
            var (counted, ledger) = await AllThereAsync(installation, client, cancellationToken).ConfigureAwait(false);
            return
            [
                store,
                Report.Number(wrk.PerSecond, "0"),
                Report.Number(meanwhile / (double)arguments.Seconds, "0"),
                Report.Number(clock.Elapsed.TotalSeconds, "0.0"),
                counted.ToString(CultureInfo.InvariantCulture),
                ledger.ToString(CultureInfo.InvariantCulture),
                (counted - ledger).ToString(CultureInfo.InvariantCulture),
                Report.Number(edgeCpu * 1e6 / Math.Max(1, wrk.Requests), "0.0", " µs"),
                Report.Number(governanceCpu * 1e6 / Math.Max(1, wrk.Requests), "0.0", " µs"),
                Report.Number(ProcStat.Of(edge.Id).RssMb, "0"),
                wrk.Errors.ToString(CultureInfo.InvariantCulture),
            ];

            Task<WrkResult> RunAsync(int seconds) => Wrk.RunAsync(bench.Wrk!, folder, client.BaseAddress!.Port, lua, keys, arguments.Connections, seconds, cancellationToken);

            (double Edge, double Governance) Cpu() => (ProcStat.Of(edge.Id).CpuSeconds, ProcStat.Of(installation.Governance!.Id).CpuSeconds);
        }
    }

    /// <summary>Waits until the ledger has every request that the edge has counted.</summary>
    private static async Task<(long Counted, long Ledger)> AllThereAsync(Installation installation, HttpClient edge, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var counted = await CountedAsync(edge, cancellationToken).ConfigureAwait(false);
            var ledger = await InLedgerAsync(installation).ConfigureAwait(false);
            if (counted == ledger || clock.Elapsed > _patience)
            {
                return (counted, ledger);
            }

            await Task.Delay(100, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<long> CountedAsync(HttpClient edge, CancellationToken cancellationToken)
    {
        var metrics = await edge.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken).ConfigureAwait(false);
        return metrics.Split('\n').Where(static l => l.StartsWith("gateway_requests_total", StringComparison.Ordinal)).Sum(static l => (long)double.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    private static async Task<long> InLedgerAsync(Installation installation) =>
        (long)(await installation.DoAsync(HttpMethod.Get, "/api/usage").ConfigureAwait(false))["total"]!["requests"]!;

    private static JsonObject Configuration(int upstream) => new()
    {
        ["version"] = 1,
        ["owner"] = "benchmark",
        ["providers"] = new JsonObject { ["bench"] = new JsonObject { ["baseUrl"] = $"http://127.0.0.1:{upstream}/v1", ["allowLinkLocal"] = true } },
        ["deployments"] = new JsonObject { ["bench/gpt"] = new JsonObject { ["provider"] = "bench", ["model"] = Bodies.Model, ["price"] = new JsonObject { ["version"] = "b", ["inputPerMillion"] = 150_000_000, ["outputPerMillion"] = 600_000_000 } } },
        ["routes"] = new JsonObject { [Bodies.Model] = new JsonObject { ["targets"] = new JsonArray(new JsonObject { ["deploymentId"] = "bench/gpt" }) } },
        ["budgets"] = new JsonObject { ["team"] = Budget(), ["key"] = Budget() },
        ["teams"] = new JsonObject { ["bench"] = new JsonObject { ["name"] = "Bench", ["budgets"] = new JsonArray("team"), ["limits"] = Limits() } },
        ["keys"] = new JsonObject(Enumerable.Range(0, Keys).Select(static i => KeyValuePair.Create($"key-{i}", (JsonNode?)new JsonObject { ["name"] = "Key", ["team"] = "bench", ["budgets"] = new JsonArray("key"), ["limits"] = Limits() }))),
    };

    private static JsonObject Budget() => new() { ["name"] = "Budget", ["limitUsd"] = 1_000_000 };

    private static JsonObject Limits() => new() { ["requestsPerMinute"] = 1_000_000_000, ["tokensPerMinute"] = 1_000_000_000_000 };
}
