using System.Globalization;
using System.Security.Cryptography;
using Gateway.Load.Clients;
using Gateway.Load.Running;

namespace Gateway.Load.Scenarios;

/// <summary>
/// The governed edge at full load with and without the semantic cache service. Every question is asked once, all in one partition, so that each look-up would have to be embedded and none
/// is answered: what is left is what the service costs. It runs on a core of its own, all else on the other, with it and without it.
/// </summary>
internal static class CacheScenario
{
    private const int WarmupSeconds = 60;
    private const string Placeholder = "QQQQQQQQ";

    public static async Task RunAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        var pins = Environment.ProcessorCount > 1 && Child.Find("taskset") is not null;
        report.Title($"cache: governed chats, each question asked once, wrk, {arguments.Connections} connections; {(pins ? "the cache service on core 1, all else on core 0" : "no taskset or one core: nothing is pinned")}");
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        if (await bench.StartCacheServiceAsync(token, pins, cancellationToken).ConfigureAwait(false) is not { } service)
        {
            report.Line($"left out: the cache service does not start; build services/SemanticCache");
            return;
        }

        var with = new Dictionary<string, string> { ["services__semanticcache__http__0"] = $"http://127.0.0.1:{service}", ["Gateway__InternalToken"] = token };
        var rows = new List<(Target Target, string Name, List<Sample> Samples)>();
        foreach (var (name, mode, environment) in new (string, string, Dictionary<string, string>?)[] { ("no cache", "off", null), ("exact", "exact", null), ("semantic, with the service", "semantic", with) })
        {
            if (await bench.StartEdgeAsync($"edge, {name}", 1, cancellationToken, isGuarded: false, $"settings: {{ cache: {mode} }}", environment, pins).ConfigureAwait(false) is { } edge)
            {
                rows.Add((edge, name, []));
            }
        }

        if (pins)
        {
            await bench.PinUpstreamAsync(cancellationToken).ConfigureAwait(false);
        }

        for (var run = -1; run < arguments.Runs; run++)
        {
            foreach (var (target, _, samples) in rows)
            {
                var (before, stats) = (ProcStat.Of(target.Pid!.Value), await CountsAsync(bench, target.PlainPort, service, cancellationToken).ConfigureAwait(false));
                var body = "[[" + Bodies.Chat(target.PlainModel).Replace("Explain", "Explain case " + Placeholder, StringComparison.Ordinal) + "]]";
                var wrk = await Wrk.RunAsync(
                    bench.Wrk!, bench.Directory, target.PlainPort, body, [bench.Key], arguments.Connections, run >= 0 || arguments.Quick ? arguments.Seconds : WarmupSeconds, cancellationToken,
                    distinct: Placeholder, pin: pins).ConfigureAwait(false);
                var (after, later) = (ProcStat.Of(target.Pid.Value), await CountsAsync(bench, target.PlainPort, service, cancellationToken).ConfigureAwait(false));
                if (run >= 0)
                {
                    samples.Add(new Sample(wrk, (after.CpuSeconds - before.CpuSeconds) * 1e6 / wrk.Requests, later.Looked - stats.Looked, later.LeftOut - stats.LeftOut));
                }
            }
        }

        var first = rows.Count > 1 ? rows[1].Samples : rows[0].Samples;
        report.Table(
            ["", "req/s", "to exact alone", "p50 ms", "p99 ms", "CPU/req", "look-ups/s", "left out/s", "errors"],
            rows.Select(r => new[]
            {
                r.Name,
                Report.Number(Of(r.Samples, static s => s.Wrk.PerSecond), "0"),
                Report.Number(((Of(r.Samples, static s => s.Wrk.PerSecond) / Of(first, static s => s.Wrk.PerSecond)) - 1) * 100, "+0.0;-0.0;0.0", " %"),
                Report.Number(Of(r.Samples, static s => s.Wrk.P50), "0.00"),
                Report.Number(Of(r.Samples, static s => s.Wrk.P99), "0.00"),
                Report.Number(Of(r.Samples, static s => s.CpuMicros), "0.0", " µs"),
                Report.Number(Of(r.Samples, s => s.Looked / (double)arguments.Seconds), "0"),
                Report.Number(Of(r.Samples, s => s.LeftOut / (double)arguments.Seconds), "0"),
                r.Samples.Sum(static s => s.Wrk.Errors).ToString(CultureInfo.InvariantCulture),
            }));
        report.Line($"look-ups/s: answered by the service, misses and refusals included; left out/s: requests that went on without one because the service had no time, and answers not stored for it");
    }

    private static double Of(List<Sample> samples, Func<Sample, double> of) => Report.Median(samples.Select(of));

    private static async Task<(long Looked, long LeftOut)> CountsAsync(Bench bench, int edge, int service, CancellationToken cancellationToken)
        => (await bench.CountAsync(service, "gateway_cache_lookups_total", cancellationToken).ConfigureAwait(false), await bench.CountAsync(edge, "gateway_cache_overflow_total", cancellationToken).ConfigureAwait(false));

    private sealed record Sample(WrkResult Wrk, double CpuMicros, long Looked, long LeftOut);
}
