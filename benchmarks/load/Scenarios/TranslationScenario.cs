using System.Globalization;
using Gateway.Load.Clients;
using Gateway.Load.Running;

namespace Gateway.Load.Scenarios;

/// <summary>What translating between two dialects costs the edge, against passing the same chat through untranslated.</summary>
internal static class TranslationScenario
{
    private const int Connections = 16;

    public static async Task RunAsync(Bench bench, Arguments arguments, Report report, CancellationToken cancellationToken)
    {
        report.Title($"translate: governed 1 KB chat requests between dialects, wrk, {Connections} connections; CPU of the edge per request, and what it is over chat to chat");
        if (bench.Targets.FirstOrDefault(t => t.Name == "edge") is not { Pid: { } pid } edge)
        {
            report.Line($"left out: it measures the edge");
            return;
        }

        var figures = Dialect.All.ToDictionary(d => d.Name, _ => new Dictionary<string, List<double>>());
        long errors = 0;
        for (var run = -1; run < arguments.Runs; run++)
        {
            foreach (var (caller, provider) in Pairs())
            {
                var seconds = Math.Min(arguments.Seconds, 3);
                var before = ProcStat.Of(pid);
                var wrk = await Wrk.RunAsync(bench.Wrk!, bench.Directory, edge.PlainPort, "[[" + caller.Body(provider.Model) + "]]", [bench.Key], Connections, seconds, cancellationToken, caller.Path(provider.Model)).ConfigureAwait(false);
                if (run < 0)
                {
                    continue;
                }

                errors += wrk.Errors;
                if (!figures[caller.Name].TryGetValue(provider.Name, out var list))
                {
                    figures[caller.Name].Add(provider.Name, list = []);
                }

                list.Add((ProcStat.Of(pid).CpuSeconds - before.CpuSeconds) * 1e6 / wrk.Requests);
            }
        }

        var passed = Report.Median(figures["chat"]["chat"]);
        report.Table(
            ["caller \\ provider", .. Dialect.All.Select(d => d.Name)],
            Dialect.All.Select(caller => (string[])
            [
                caller.Name,
                .. Dialect.All.Select(provider => figures[caller.Name].TryGetValue(provider.Name, out var cpu)
                    ? Report.Number(Report.Median(cpu), "0.0", " µs ") + Report.Number(Report.Median(cpu) - passed, "(+0.0);(-0.0);(0.0)")
                    : ""),
            ]));
        report.Line($"errors: {errors.ToString(CultureInfo.InvariantCulture)}");
    }

    // An OpenAI provider is spoken to in chat by all who do not speak responses themselves.
    private static IEnumerable<(Dialect Caller, Dialect Provider)> Pairs() =>
        from caller in Dialect.All
        from provider in Dialect.All
        where provider.Name != "responses" || caller.Name == "responses"
        select (caller, provider);
}
