using System.Net.Sockets;
using Gateway.Benchmarks;
using Gateway.Load;
using Gateway.Load.Running;
using Gateway.Load.Scenarios;

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
try
{
    await using var bench = await Bench.StartAsync(arguments, report, stop.Token).ConfigureAwait(false);
    try
    {
        await MeasureAsync(bench).ConfigureAwait(false);
        return 0;
    }
    catch (Exception e) when (e is SocketException or IOException or HttpRequestException or InvalidOperationException)
    {
        await Console.Error.WriteLineAsync($"The run broke off: {e.Message}").ConfigureAwait(false);
        foreach (var casualty in bench.Casualties())
        {
            await Console.Error.WriteLineAsync(casualty).ConfigureAwait(false);
        }

        return 1;
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}

async Task MeasureAsync(Bench bench)
{
    foreach (var scenario in arguments.Scenarios)
    {
        if (bench.Wrk is null && scenario is not ("latency" or "streams" or "guarded"))
        {
            report.Title($"{scenario}: left out, wrk is not on PATH");
            continue;
        }

        await (scenario switch
        {
            "plain" => WrkScenarios.PlainAsync(bench, arguments, report, stop.Token),
            "latency" => LatencyScenario.RunAsync(bench, arguments, report, stop.Token),
            "streams" => StreamScenario.RunAsync(bench, arguments, report, stop.Token),
            "guarded" => GuardedScenario.RunAsync(bench, arguments, report, stop.Token),
            "translate" => TranslationScenario.RunAsync(bench, arguments, report, stop.Token),
            "cache" => CacheScenario.RunAsync(bench, arguments, report, stop.Token),
            "ledger" => LedgerScenario.RunAsync(bench, arguments, report, stop.Token),
            "size" => WrkScenarios.SizeAsync(bench, arguments, report, stop.Token),
            _ => WrkScenarios.KeysAsync(bench, arguments, report, stop.Token),
        }).ConfigureAwait(false);
    }

    report.Title($"load average at the end {Report.LoadAverage()}");
    if (arguments.Save is not null)
    {
        var file = ResultFile.PathOf(arguments.Save)!;
        await File.WriteAllTextAsync(file, report.Text, stop.Token).ConfigureAwait(false);
        Console.WriteLine($"saved to {Path.GetRelativePath(Environment.CurrentDirectory, file)}");
    }
}
