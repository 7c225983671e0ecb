using Gateway.Load.Clients;
using Gateway.Load.Running;

namespace Gateway.Load.Scenarios;

/// <summary>What the proxy adds when it has time.</summary>
internal static class LatencyScenario
{
    private const int PerSecond = 1_000;

    public static async Task RunAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        report.Title($"latency: {PerSecond} requests/s, open loop over 8 connections, coordinated omission counted");
        var results = bench.Targets.Select(t => (Target: t, Runs: new List<(double P50, double P99, double P999)>())).ToList();
        var errors = new Dictionary<string, int>();
        for (var run = -1; run < arguments.Runs; run++)
        {
            foreach (var (target, runs) in results)
            {
                var (sorted, failed) = await OpenLoop.RunAsync(target.PlainPort, Bodies.Chat(target.PlainModel), bench.Key, PerSecond, run < 0 ? 2 : arguments.Seconds + 1, cancellationToken).ConfigureAwait(false);
                errors[target.Name] = errors.GetValueOrDefault(target.Name) + failed;
                if (run >= 0)
                {
                    runs.Add((Report.Percentile(sorted, 50), Report.Percentile(sorted, 99), Report.Percentile(sorted, 99.9)));
                }
            }
        }

        var direct = results.FirstOrDefault(r => r.Target.Pid is null).Runs;
        report.Table(
            ["", "p50 ms", "p99 ms", "p99.9 ms", "added p50 ms", "added p99 ms", "errors"],
            results.Select(r => new[]
            {
                r.Target.Name,
                Median(r.Runs, v => v.P50),
                Median(r.Runs, v => v.P99),
                Median(r.Runs, v => v.P999),
                Added(r.Target, r.Runs, direct, v => v.P50),
                Added(r.Target, r.Runs, direct, v => v.P99),
                errors[r.Target.Name].ToString(System.Globalization.CultureInfo.InvariantCulture),
            }));
    }

    private static string Median(List<(double, double, double)> runs, Func<(double P50, double P99, double P999), double> of) => Report.Number(Report.Median(runs.Select(of)), "0.000");

    private static string Added(Target target, List<(double, double, double)> runs, List<(double, double, double)>? direct, Func<(double P50, double P99, double P999), double> of)
        => direct is null || target.Pid is null ? "" : Report.Number(Report.Median(runs.Select(of)) - Report.Median(direct.Select(of)), "0.000");
}
