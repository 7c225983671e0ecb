using System.Diagnostics;
using Gateway.Benchmarks;
using Gateway.LedgerBenchmark;

var (arguments, error) = Arguments.Parse(args);
if (arguments is null)
{
    await (error is null ? Console.Out.WriteLineAsync(Arguments.Help) : Console.Error.WriteLineAsync(error)).ConfigureAwait(false);
    return error is null ? 0 : 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
var report = new Report();
report.Machine(arguments);
var folder = arguments.Data ?? Path.Combine(Path.GetTempPath(), $"gateway-ledger-{Environment.ProcessId}");
try
{
    foreach (var store in arguments.Stores)
    {
        await MeasureAsync(store).ConfigureAwait(false);
    }

    report.Title($"load average at the end {Report.Load}");
    if (arguments.Save is not null)
    {
        var file = ResultFile.PathOf(arguments.Save) ?? arguments.Save + ".txt";
        await File.WriteAllTextAsync(file, report.Text, stop.Token).ConfigureAwait(false);
        Console.WriteLine($"saved to {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
    }

    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
finally
{
    if (arguments.Data is null && Directory.Exists(folder))
    {
        Directory.Delete(folder, recursive: true);
    }
}

async Task MeasureAsync(string store)
{
    if (store == "sqlite")
    {
        await MeasureStoreAsync(store, null).ConfigureAwait(false);
    }
    else if (!PostgresProcess.IsThere)
    {
        report.Title($"postgres: left out, it is not on PATH");
    }
    else
    {
        await using var postgres = await PostgresProcess.StartAsync(Path.Combine(folder, "server"), stop.Token).ConfigureAwait(false);
        await MeasureStoreAsync(store, postgres.Connection).ConfigureAwait(false);
    }
}

async Task MeasureStoreAsync(string store, string? connection)
{
    await using var service = await Service.StartAsync(Directory.CreateDirectory(Path.Combine(folder, store)).FullName, connection, stop.Token).ConfigureAwait(false);
    var year = new Year(service.Database, new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero));
    var start = Stopwatch.GetTimestamp();
    if (await year.IsThereAsync(stop.Token).ConfigureAwait(false))
    {
        report.Title($"=== {store}, filled before ({Year.Describe}) ===");
    }
    else
    {
        await year.FillAggregatesAsync(arguments.Requests, stop.Token).ConfigureAwait(false);
        var aggregates = Stopwatch.GetElapsedTime(start);
        await year.FillRecordsAsync(arguments.Rows, stop.Token).ConfigureAwait(false);
        await service.PutBudgetsAsync(arguments.Accounts, stop.Token).ConfigureAwait(false);
        report.Title($"=== {store}, {Year.Describe} ===");
        report.Line($"filled with the aggregates of {arguments.Requests:N0} requests in {aggregates.TotalSeconds:F0} s and {arguments.Rows:N0} raw records in {(Stopwatch.GetElapsedTime(start) - aggregates).TotalSeconds:F0} s");
    }

    foreach (var part in arguments.Parts)
    {
        await (part switch
        {
            "reports" => Reports.RunAsync(service, year, report, stop.Token),
            "records" => RecordSearch.RunAsync(service, year, arguments.Rows, report, stop.Token),
            "logs" => LogSearches.RunAsync(service, year, arguments.Rows, report, stop.Token),
            "pages" => DashboardPages.RunAsync(service, arguments.Rows, report, stop.Token),
            "ingest" => Ingestion.RunAsync(service, arguments, report, stop.Token),
            _ => Leases.RunAsync(service, arguments, report, stop.Token),
        }).ConfigureAwait(false);
    }
}
