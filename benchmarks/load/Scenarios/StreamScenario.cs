using System.Globalization;
using Gateway.Load.Clients;
using Gateway.Load.Running;

namespace Gateway.Load.Scenarios;

/// <summary>What the proxy does to many streams at once.</summary>
internal static class StreamScenario
{
    internal const int ChunkBytes = 220;

    public static async Task RunAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        foreach (var (streams, rate) in new[] { (256, 20), (1_000, 5) })
        {
            report.Title(string.Create(CultureInfo.InvariantCulture, $"streams: {streams} × {rate} chunks/s of {ChunkBytes} bytes; delay from the simulator's write to the client's read"));
            var results = bench.Targets.Select(t => (Target: t, Runs: new List<Sample>())).ToList();
            for (var run = -1; run < arguments.Runs; run++)
            {
                foreach (var (target, runs) in results)
                {
                    var seconds = run < 0 ? Math.Min(4, arguments.Seconds) : arguments.Seconds;
                    var sample = await MeasureAsync(bench, target, streams, rate, seconds, cancellationToken).ConfigureAwait(false);
                    if (run >= 0)
                    {
                        runs.Add(sample);
                    }
                }
            }

            var direct = results.FirstOrDefault(r => r.Target.Pid is null).Runs;
            report.Table(
                ["", "p50 ms", "p99 ms", "p99.9 ms", "p99 over direct ms", "CPU/chunk", "RSS MB", "peak MB", "chunks/s", "finished"],
                results.Select(r => new[]
                {
                    r.Target.Name,
                    Of(r.Runs, s => s.P50, "0.00"),
                    Of(r.Runs, s => s.P99, "0.00"),
                    Of(r.Runs, s => s.P999, "0.00"),
                    direct is null || r.Target.Pid is null ? "" : Report.Number(Report.Median(r.Runs.Select(s => s.P99)) - Report.Median(direct.Select(s => s.P99)), "0.00"),
                    Of(r.Runs, s => s.CpuMicros, "0.0", " µs"),
                    Of(r.Runs, s => s.RssMb, "0"),
                    Of(r.Runs, s => s.PeakMb, "0"),
                    Of(r.Runs, s => s.PerSecond, "0"),
                    Of(r.Runs, s => s.Finished, "0"),
                }));
        }
    }

    internal static async Task<Sample> MeasureAsync(Bench bench, Target target, int streams, int rate, int seconds, CancellationToken cancellationToken)
    {
        const int RampSeconds = 2;
        var tokens = rate * (seconds + RampSeconds + 3);
        await bench.ConfigureSimulatorAsync(string.Create(CultureInfo.InvariantCulture, $"tokens={tokens}&rate={rate}&eventBytes={ChunkBytes}&stamp=1"), cancellationToken).ConfigureAwait(false);
        double cpu = double.NaN, rss = double.NaN, peak = double.NaN;
        var result = await StreamLoad.RunAsync(
            target.StreamPort,
            Bodies.Stream(target.StreamModel),
            bench.Key,
            streams,
            TimeSpan.FromSeconds(RampSeconds),
            async () =>
            {
                var before = target.Pid is { } pid ? ProcStat.Of(pid) : null;
                await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false);
                if (before is not null)
                {
                    var after = ProcStat.Of(target.Pid!.Value);
                    (cpu, rss, peak) = (after.CpuSeconds - before.CpuSeconds, after.RssMb, after.PeakMb);
                }
            },
            cancellationToken).ConfigureAwait(false);
        var delays = result.SortedDelays;

        // Guarded streams are written anew, without the stamp: what the upstream sent is counted.
        return delays.Length == 0
            ? new Sample(double.NaN, double.NaN, double.NaN, cpu * 1e6 / ((double)streams * rate * seconds), rss, peak, double.NaN, result.Finished)
            : new Sample(Report.Percentile(delays, 50), Report.Percentile(delays, 99), Report.Percentile(delays, 99.9), cpu * 1e6 / delays.Length, rss, peak, (double)delays.Length / seconds, result.Finished);
    }

    private static string Of(List<Sample> samples, Func<Sample, double> of, string format, string unit = "") => Report.Number(Report.Median(samples.Select(of)), format, unit);

    internal sealed record Sample(double P50, double P99, double P999, double CpuMicros, double RssMb, double PeakMb, double PerSecond, double Finished);
}
