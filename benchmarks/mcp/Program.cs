using System.Globalization;
using System.Text;
using Gateway.Benchmarks;
using Gateway.Mcp.Benchmarks;

// One command: a server, the hub before it, and the same calls to both in turn. With --url (and --key) also through a gateway that runs already, at an address such as
// http://localhost:8080/mcp/fix, where it has the server registered (--serve 3000 gives only the server).
var options = args.Chunk(2).Where(a => a.Length == 2).ToDictionary(a => a[0], a => a[1], StringComparer.Ordinal);
int Number(string name, int fallback) => options.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

await using var server = await EchoServer.StartAsync(Number("--serve", 0));
if (options.ContainsKey("--serve"))
{
    Console.WriteLine($"Serving at {server.Url}; end with Enter.");
    Console.ReadLine();
    return 0;
}

var callers = Number("--callers", 200);
var calls = Number("--calls", 100_000);
var rounds = Number("--rounds", 2);
await using var hub = await HubProcess.StartAsync(server.Url);
List<(string Name, string Url, Dictionary<string, string> Headers)> targets =
[
    ("direct", server.Url, []),
    ("hub", hub.Url, new() { ["x-gateway-internal-token"] = HubProcess.Token, ["x-gateway-caller"] = "bench" }),
];
if (options.TryGetValue("--url", out var url))
{
    targets.Add(("edge+hub", url, options.TryGetValue("--key", out var key) ? new() { ["Authorization"] = $"Bearer {key}" } : []));
}

foreach (var target in targets)
{
    await using var warm = await Callers.BeginAsync(target.Url, target.Headers, callers);
    await warm.RunAsync(Math.Min(calls, 10_000));
}

var report = new StringBuilder();
void Say(FormattableString line)
{
    var text = line.ToString(CultureInfo.InvariantCulture);
    Console.WriteLine(text);
    report.AppendLine(text);
}

Say($"Tool calls through the hub, benchmarks/mcp: {callers} callers with a session each, {calls} calls a round, {rounds} rounds in turn; {Environment.ProcessorCount} processors shared by callers, hub and server; load average {Load()}");
var failed = 0L;
foreach (var pace in new int?[] { Number("--rate", 2_000), null })
{
    Say($"");
    Say($"{(pace is { } rate ? $"each at its own pace, {rate} calls/s in all" : "each as fast as it can")}");
    Say($"target      round      calls/s     p50 ms     p99 ms   p99.9 ms   failed");
    Dictionary<string, List<(double P50, double P99)>> found = [];
    for (var round = 1; round <= rounds; round++)
    {
        foreach (var target in targets)
        {
            await using var load = await Callers.BeginAsync(target.Url, target.Headers, callers);
            var result = await load.RunAsync(calls, pace);
            failed += result.Failed;
            found.TryAdd(target.Name, []);
            found[target.Name].Add((result.Percentile(0.5), result.Percentile(0.99)));
            Say($"{target.Name,-10} {round,6} {result.PerSecond,12:0} {result.Percentile(0.5),10:0.00} {result.Percentile(0.99),10:0.00} {result.Percentile(0.999),10:0.00} {result.Failed,8}");
        }
    }

    foreach (var target in targets.Skip(1))
    {
        double Over(Func<(double P50, double P99), double> of) => found[target.Name].Average(of) - found["direct"].Average(of);
        Say($"{target.Name} over direct: p50 {Over(static f => f.P50):0.00} ms, p99 {Over(static f => f.P99):0.00} ms{(pace is null ? "" : "   aim 1 and 5")}");
    }
}

Say($"");
var before = hub.MegaBytes;
await using (await Callers.BeginAsync(targets[1].Url, targets[1].Headers, Number("--sessions", 1000)))
{
    Say($"memory of the hub: {before:0} MB, with {Number("--sessions", 1000)} more sessions {hub.MegaBytes:0} MB   aim 300");
}

Say($"failed: {failed}; load average at the end {Load()}");
if (options.TryGetValue("--save", out var name))
{
    await File.WriteAllTextAsync(ResultFile.PathOf(name) ?? name + ".txt", report.ToString());
}

return failed == 0 ? 0 : 1;

static string Load() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";
