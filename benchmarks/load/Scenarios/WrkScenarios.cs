using System.Globalization;
using Gateway.Load.Clients;
using Gateway.Load.Running;

namespace Gateway.Load.Scenarios;

/// <summary>The scenarios that go as fast as they can.</summary>
internal static class WrkScenarios
{
    private const int WarmupSeconds = 12;

    public static async Task PlainAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        report.Title($"plain: governed 0.3 KB chat requests, wrk, {arguments.Connections} connections");
        var runs = await MeasureAsync(bench, bench.Targets, arguments, t => Lua(Bodies.Chat(t.PlainModel)), _ => [bench.Key], arguments.Connections, cancellationToken).ConfigureAwait(false);
        var nginx = runs.FirstOrDefault(r => r.Key.Name == "nginx").Value;
        report.Table(
            ["", "req/s", "÷ nginx", "p50 ms", "p99 ms", "p99.9 ms", "CPU/req", "÷ nginx", "RSS MB", "peak MB", "errors"],
            runs.Select(r => new[]
            {
                r.Key.Name,
                Of(r.Value, s => s.Wrk.PerSecond, "0"),
                nginx is null ? "" : Report.Number(Median(r.Value, s => s.Wrk.PerSecond) / Median(nginx, s => s.Wrk.PerSecond), "0.00"),
                Of(r.Value, s => s.Wrk.P50, "0.00"),
                Of(r.Value, s => s.Wrk.P99, "0.00"),
                Of(r.Value, s => s.Wrk.P999, "0.00"),
                Of(r.Value, s => s.CpuMicros, "0.0", " µs"),
                nginx is null || r.Key.Pid is null ? "" : Report.Number(Median(r.Value, s => s.CpuMicros) / Median(nginx, s => s.CpuMicros), "0.00"),
                Of(r.Value, s => s.RssMb, "0"),
                Of(r.Value, s => s.PeakMb, "0"),
                Errors(r.Value),
            }));
    }

    public static async Task SizeAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        report.Title("size: a 1 MB prompt against a 0.3 KB one, wrk, 1 connection");
        var small = await MeasureAsync(bench, bench.Targets, arguments, t => Lua(Bodies.Chat(t.PlainModel)), _ => [bench.Key], 1, cancellationToken).ConfigureAwait(false);
        var large = await MeasureAsync(bench, bench.Targets, arguments, t => Lua(Bodies.Chat(t.PlainModel).Replace("Explain ", "Explain ]] .. string.rep(\"sunset \", 149797) .. [[", StringComparison.Ordinal)), _ => [bench.Key], 1, cancellationToken).ConfigureAwait(false);
        var direct = large.FirstOrDefault(r => r.Key.Pid is null).Value;
        report.Table(
            ["", "p50 ms 0.3 KB", "p50 ms 1 MB", "p99 ms 1 MB", "added by proxy ms", "CPU/req 1 MB", "RSS MB", "errors"],
            large.Select((r, i) => new[]
            {
                r.Key.Name,
                Of(small[i].Value, s => s.Wrk.P50, "0.00"),
                Of(r.Value, s => s.Wrk.P50, "0.00"),
                Of(r.Value, s => s.Wrk.P99, "0.00"),
                direct is null || r.Key.Pid is null ? "" : Report.Number(Median(r.Value, s => s.Wrk.P50) - Median(direct, s => s.Wrk.P50), "0.00"),
                Of(r.Value, s => s.CpuMicros, "0", " µs"),
                Of(r.Value, s => s.RssMb, "0"),
                Errors(r.Value),
            }));
    }

    public static async Task KeysAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        const int Many = 10_000;
        report.Title($"keys: {Many} virtual keys in turn against one, wrk, {arguments.Connections} connections");
        // Both are new: an edge that served the scenarios before would have better compiled code.
        if (!arguments.Targets.Contains("edge") || await bench.StartEdgeAsync("edge, one key", 1, cancellationToken).ConfigureAwait(false) is not { } one || await bench.StartEdgeAsync("edge, many keys", Many, cancellationToken).ConfigureAwait(false) is not { } many)
        {
            report.Line($"left out: it compares two edges");
            return;
        }

        string[] keys = [.. Enumerable.Range(0, Many).Select(EdgeProcess.Key)];
        var runs = await MeasureAsync(bench, [one, many], arguments, t => Lua(Bodies.Chat(t.PlainModel)), t => t == many ? keys : [bench.Key], arguments.Connections, cancellationToken).ConfigureAwait(false);
        var first = runs[0].Value;
        report.Table(
            ["", "req/s", "CPU/req", "more than one key", "RSS MB", "errors"],
            runs.Select(r => new[]
            {
                r.Key == many ? $"{Many} keys" : "1 key",
                Of(r.Value, s => s.Wrk.PerSecond, "0"),
                Of(r.Value, s => s.CpuMicros, "0.0", " µs"),
                Report.Number(((Median(r.Value, s => s.CpuMicros) / Median(first, s => s.CpuMicros)) - 1) * 100, "+0.0;-0.0;0.0", " %"),
                Of(r.Value, s => s.RssMb, "0"),
                Errors(r.Value),
            }));
    }

    /// <summary>Every target in turn, as often as there are runs, after a warm-up that does not count.</summary>
    private static async Task<List<KeyValuePair<Target, List<Sample>>>> MeasureAsync(
        Bench bench, IReadOnlyList<Target> targets, Arguments arguments, Func<Target, string> body, Func<Target, IReadOnlyList<string>> keys, int connections, CancellationToken cancellationToken)
    {
        var results = targets.Select(t => KeyValuePair.Create(t, new List<Sample>())).ToList();
        for (var run = -1; run < arguments.Runs; run++)
        {
            foreach (var (target, samples) in results)
            {
                if (run < 0 && target.Pid is null)
                {
                    continue;
                }

                var seconds = run >= 0 || arguments.Quick ? arguments.Seconds : WarmupSeconds;
                var before = target.Pid is { } pid ? ProcStat.Of(pid) : null;
                var wrk = await Wrk.RunAsync(bench.Wrk!, bench.Directory, target.PlainPort, body(target), keys(target), connections, seconds, cancellationToken).ConfigureAwait(false);
                var after = target.Pid is { } same ? ProcStat.Of(same) : null;
                if (run >= 0)
                {
                    samples.Add(new Sample(wrk, after is null ? double.NaN : (after.CpuSeconds - before!.CpuSeconds) * 1e6 / wrk.Requests, after?.RssMb ?? double.NaN, after?.PeakMb ?? double.NaN));
                }
            }
        }

        return results;
    }

    private static string Lua(string json) => "[[" + json + "]]";

    private static double Median(List<Sample> samples, Func<Sample, double> of) => Report.Median(samples.Select(of));

    private static string Of(List<Sample> samples, Func<Sample, double> of, string format, string unit = "") => Report.Number(Median(samples, of), format, unit);

    private static string Errors(List<Sample> samples) => samples.Sum(s => s.Wrk.Errors).ToString(CultureInfo.InvariantCulture);

    private sealed record Sample(WrkResult Wrk, double CpuMicros, double RssMb, double PeakMb);
}
