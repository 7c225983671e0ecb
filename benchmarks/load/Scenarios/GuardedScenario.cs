using System.Globalization;
using Gateway.Load.Running;

namespace Gateway.Load.Scenarios;

/// <summary>What the guard of streams costs a chunk: the edge with it next to the edge without and nginx, in turn.</summary>
internal static class GuardedScenario
{
    private const int Streams = 256;
    private const int Rate = 20;

    // What the guard may cost at most, with all else that the edge does, over a plain proxy.
    private const double Bound = 1.5;

    public static async Task RunAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        report.Title(string.Create(CultureInfo.InvariantCulture, $"guarded: {Streams} streams × {Rate} chunks/s of {StreamScenario.ChunkBytes} bytes, personal data and secrets redacted in what comes back"));
        if (await bench.StartEdgeAsync("edge, guarded", 1, cancellationToken, isGuarded: true).ConfigureAwait(false) is not { } guarded)
        {
            return;
        }

        var results = bench.Targets.Where(static t => t.Pid is not null).Append(guarded).Select(static t => (Target: t, Runs: new List<StreamScenario.Sample>())).ToList();
        for (var run = -1; run < arguments.Runs; run++)
        {
            foreach (var (target, runs) in results)
            {
                var seconds = run < 0 ? Math.Min(4, arguments.Seconds) : arguments.Seconds;
                var sample = await StreamScenario.MeasureAsync(bench, target, Streams, Rate, seconds, cancellationToken).ConfigureAwait(false);
                if (run >= 0)
                {
                    runs.Add(sample);
                }
            }
        }

        var nginx = Cpu(results.FirstOrDefault(static r => r.Target.Name == "nginx").Runs);
        report.Table(
            ["", "CPU/chunk", "÷ nginx", "RSS MB", "finished"],
            results.Select(r => new[]
            {
                r.Target.Name,
                Report.Number(Cpu(r.Runs), "0.0", " µs"),
                double.IsNaN(nginx) ? "" : Report.Number(Cpu(r.Runs) / nginx, "0.00"),
                Report.Number(Report.Median(r.Runs.Select(static s => s.RssMb)), "0"),
                Report.Number(Report.Median(r.Runs.Select(static s => s.Finished)), "0"),
            }));
        if (!double.IsNaN(nginx))
        {
            var ratio = Cpu(results[^1].Runs) / nginx;
            report.Line($"{(ratio <= Bound ? "within" : "above")} the bound of {Bound} × nginx: {ratio:0.00}");
        }
    }

    private static double Cpu(List<StreamScenario.Sample>? runs) => runs is { Count: > 0 } ? Report.Median(runs.Select(static s => s.CpuMicros)) : double.NaN;
}
