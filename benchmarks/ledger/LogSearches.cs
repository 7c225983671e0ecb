using System.Diagnostics;
using System.Globalization;
using Gateway.Governance.RequestLog.Storage;

namespace Gateway.LedgerBenchmark;

/// <summary>Pages of the request log, each filter by itself, by words and of sessions.</summary>
internal static class LogSearches
{
    private const int Runs = 15;

    public static async Task RunAsync(Service service, Year year, long rows, Report report, CancellationToken cancellation)
    {
        if ((await service.Database.ReadAsync(LogMonths.ListAsync, cancellation).ConfigureAwait(false)).Count < 12)
        {
            var start = Stopwatch.GetTimestamp();
            await new LogFill(service, year, rows).RunAsync(cancellation).ConfigureAwait(false);
            report.Title($"filled the request log with {rows:N0} entries with bodies in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
        }

        report.Title($"pages of 50 requests of {rows:N0} (GET /api/logs), {Runs} runs each");
        var middle = string.Create(CultureInfo.InvariantCulture, $"to={year.Start.AddDays(180):yyyy-MM-ddTHH:mm:ssZ}");
        foreach (var (what, query) in ((string, string)[])
        [
            ("newest", ""), ("from the middle of the year", middle), ("key", "key=key-17"), ("model", "model=model-3"), ("end user", "endUser=end-user-4000"), ("session", "session=session-40"),
            ("trace", "trace=00000000000000000000000000000064"), ("failed", "failed=true"), ("status", "status=502"), ("cost", "minCostUsd=0.019"), ("duration", "minDurationMs=9000"),
            ("request id", string.Create(CultureInfo.InvariantCulture, $"requestId=r-{rows / 3}")),
            ("text: in every body", $"text={LogFill.Everywhere}"), ("text: in one of a hundred", $"text={LogFill.Common}"), ("text: in one of 50,000", $"text={LogFill.Rare}"),
            ("text: in one alone", $"text={LogFill.Once}"), ("text: in none", "text=nowhere"), ("text: two words", $"text={LogFill.Everywhere}+{LogFill.Common}"), ("text: common and rare", $"text={LogFill.Common}+{LogFill.Rare}"),
            ("text and key", $"text={LogFill.Common}&key=key-17"), ("text and failed", $"text={LogFill.Common}&failed=true"), ("text and cost that none has", $"text={LogFill.Everywhere}&minCostUsd=1000"),
            ("text, from the middle of the year", $"text={LogFill.Common}&{middle}"),
        ])
        {
            report.Times(what, await Calls.TimeAsync(service.Admin, $"/api/logs?limit=50{(query.Length == 0 ? "" : "&")}{query}", Runs, cancellation).ConfigureAwait(false), 50);
        }

        foreach (var (what, path) in ((string, string)[])
            [("one request", string.Create(CultureInfo.InvariantCulture, $"/api/logs/{rows / 2:x32}")), ("sessions", "/api/logs/sessions?limit=50"), ("sessions of a key", "/api/logs/sessions?limit=50&key=key-17"), ("one session", "/api/logs/sessions/session-40")])
        {
            report.Times(what, await Calls.TimeAsync(service.Admin, path, Runs, cancellation).ConfigureAwait(false), 50);
        }
    }
}
