namespace Gateway.LedgerBenchmark;

/// <summary>Pages of record search, each filter by itself.</summary>
internal static class RecordSearch
{
    private const int Runs = 15;

    public static async Task RunAsync(Service service, Year year, long rows, Report report, CancellationToken cancellation)
    {
        report.Title($"pages of 50 records of {rows:N0} (GET /api/usage/records), {Runs} runs each");
        var middle = year.Start.AddDays(180);
        foreach (var (what, query) in ((string, string)[])
        [
            ("newest", ""), ("from the middle of the year", FormattableString.Invariant($"to={middle:yyyy-MM-ddTHH:mm:ssZ}")), ("key", "key=key-17"), ("model", "model=model-3"), ("team", "team=team-7"),
            ("customer", "customer=customer-4"), ("user", "user=user-50"), ("end user", "endUser=end-user-4000"), ("session", "session=session-40"), ("trace", "trace=00000000000000000000000000000064"),
            ("failed", "failed=true"), ("status", "status=502"), ("provider", "provider=provider-2"), ("route", "route=route-5"), ("tag", "tag=tag-3"), ("tag that no record has", "tag=none"),
            ("cost", "minCostUsd=0.019"), ("cost that no record has", "minCostUsd=1000"), ("duration", "minDurationMs=9000"), ("key and status", "key=key-7&status=502"),
        ])
        {
            report.Times(what, await Calls.TimeAsync(service.Admin, $"/api/usage/records?limit=50{(query.Length == 0 ? "" : "&")}{query}", Runs, cancellation).ConfigureAwait(false), 50);
        }
    }
}
