using System.Diagnostics;

namespace Gateway.LedgerBenchmark;

/// <summary>A year of usage, grouped.</summary>
internal static class Reports
{
    private const int Runs = 15;

    public static async Task RunAsync(Service service, Year year, Report report, CancellationToken cancellation)
    {
        report.Title($"reports of a year (GET /api/usage), {Runs} runs each");
        foreach (var (what, query) in ((string, string)[])
        [
            ("by model", "groupBy=model"), ("by key", "groupBy=key"), ("by team", "groupBy=team"), ("by model, by month", "groupBy=model&interval=month"),
            ("by key, of one team", "groupBy=key&team=team-7"), ("by team and model", "groupBy=team,model"), ("total by day, with percentiles", "interval=day&latency=true"),
        ])
        {
            // From the middle of an hour: the ragged end is read from hours and records.
            var path = FormattableString.Invariant($"/api/usage?from={year.Start.AddMinutes(73):yyyy-MM-ddTHH:mm:ssZ}&to={year.End:yyyy-MM-ddTHH:mm:ssZ}&{query}");
            report.Times(what, await Calls.TimeAsync(service.Admin, path, Runs, cancellation).ConfigureAwait(false), 200);
        }
    }
}

/// <summary>Timed calls.</summary>
internal static class Calls
{
    /// <summary>Milliseconds of each of several calls, to the last byte, after one that does not count.</summary>
    public static async Task<List<double>> TimeAsync(HttpClient client, string path, int runs, CancellationToken cancellation)
    {
        var times = new List<double>(runs);
        for (var run = -1; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), cancellation).ConfigureAwait(false);
            _ = await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
            var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            _ = answer.EnsureSuccessStatusCode();
            if (run >= 0)
            {
                times.Add(time);
            }
        }

        return times;
    }
}
