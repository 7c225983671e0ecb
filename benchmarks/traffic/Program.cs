using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Gateway.Benchmarks.Traffic;
using Gateway.LlmSimulator;

var options = TrafficOptions.Read(args);
if (options is null)
{
    Console.WriteLine(TrafficOptions.Help);
    return 2;
}

using var ended = new CancellationTokenSource();
Console.CancelKeyPress += (_, stop) =>
{
    stop.Cancel = true;
    ended.Cancel();
};
var simulator = await SimulatorHost.StartAsync(new SimulatorOptions { Port = options.SimulatorPort, KeepReceived = 0 }, ended.Token).ConfigureAwait(false);
await using (simulator.ConfigureAwait(false))
{
    using var admin = new HttpClient { BaseAddress = options.Gateway };
    admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.AdminKey);
    var desk = await ToolDesk.StartAsync(ended.Token).ConfigureAwait(false);
    await using var deskEnds = desk.ConfigureAwait(false);
    using var traffic = new SixKinds(admin, options.Gateway, simulator.BaseUrl, desk.Address);
    await traffic.PrepareAsync(ended.Token).ConfigureAwait(false);
    var began = Stopwatch.GetTimestamp();
    var counts = await traffic.RunAsync(options.Requests, options.Together, ended.Token).ConfigureAwait(false);
    var took = Stopwatch.GetElapsedTime(began);
    foreach (var ((kind, status), count) in counts.OrderBy(c => SixKinds.Kinds.ToList().IndexOf(c.Key.Kind)).ThenBy(c => c.Key.Status))
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,-12} {status} {count,8:#,0}"));
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{options.Requests:#,0} requests in {took.TotalSeconds:0.0} s. The provider of these routes ends with this program."));
    if (options.Stays)
    {
        Console.WriteLine("It stays until Ctrl C, so that the routes go on answering.");
        await Task.Delay(Timeout.Infinite, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

return 0;
