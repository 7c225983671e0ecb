using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Load.Running;
using Gateway.Snapshot;

// How long a change takes from the admin API's answer until it is in force on each edge, and what it costs each of them.
const int Keys = 10_000, Teams = 2_000, Routes = 500, Rounds = 10;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
var root = args.FirstOrDefault() ?? Environment.CurrentDirectory;
var folder = Directory.CreateTempSubdirectory("gateway-snapshot-").FullName;
try
{
    await using var installation = new Installation(Path.Combine(root, "services", "{service}", "bin", configuration, "net10.0", "Gateway.{service}.dll"), folder);
    await installation.StartGovernanceAsync();
    await installation.FillAsync(Keys, Teams, Routes);
    await installation.StartEdgeAsync();
    await installation.StartEdgeAsync();
    Console.WriteLine($"{Keys} keys, {Teams} teams, {Routes} routes, {Teams / 10} budgets; governance on SQLite and 2 edges; {configuration} build; load average {File.ReadAllText("/proc/loadavg").Trim()}");

    // Each change, and how it is seen from outside.
    (string Name, Func<int, Task> Do, Func<HttpClient, int, Task<bool>> IsInForce)[] changes =
    [
        ("key blocked", i => PatchAsync($"/api/keys/key-{i:00000}", "enabled", false), async (edge, i) => await ChatAsync(edge, $"key-{i:00000}", "demo") == 401),
        ("key made", async i => installation.Values[$"new-{i}"] = Secret(await installation.DoAsync(HttpMethod.Post, "/api/keys", new JsonObject { ["id"] = $"new-{i}", ["name"] = "New", ["teamId"] = "team-1999" })), async (edge, i) => await ChatAsync(edge, $"new-{i}", "demo") != 401),
        ("team changed", i => PatchAsync($"/api/teams/team-{i + 100:0000}", "enabled", false), async (edge, i) => await ChatAsync(edge, $"key-{i + 100:00000}", "demo") == 401),
        ("budget changed", i => PatchAsync($"/api/budgets/budget-{i + 150:0000}", "limitNanoUsd", 0), async (edge, i) => await ChatAsync(edge, $"key-{i + 150:00000}", "route-499") == 402),
        ("route changed", i => PatchAsync($"/api/routes/route-{i:000}", "aliases", new JsonArray($"alias-{i}")), async (edge, i) => await ChatAsync(edge, "key-01998", $"alias-{i}") != 404),
    ];

    // What only runs once is compiled first.
    await Task.WhenAll(installation.Edges.Select(async e => await ChatAsync(e.Client, "key-01998", "route-400")));
    for (var round = 0; round < 3; round++)
    {
        foreach (var change in changes)
        {
            await change.Do(40 + round);
            var since = Stopwatch.GetTimestamp();
            await Task.WhenAll(installation.Edges.Select(e => SeenAsync(e.Client, change.Name, change.IsInForce, 40 + round, since)));
        }
    }

    Console.WriteLine($"\n{"from the answer to in force",-28}{"p50 ms",10}{"max ms",10}   (both edges, {Rounds} changes each)");
    foreach (var change in changes)
    {
        var times = new List<double>();
        for (var i = 0; i < Rounds; i++)
        {
            await change.Do(i);
            var answered = Stopwatch.GetTimestamp();
            times.AddRange(await Task.WhenAll(installation.Edges.Select(e => SeenAsync(e.Client, change.Name, change.IsInForce, i, answered))));
        }

        times.Sort();
        Console.WriteLine($"{change.Name,-28}{times[times.Count / 2],10:0.0}{times[^1],10:0.0}");
    }

    // Without probes, which cost more than the changes; what the processes do anyway, looked at before and after, is taken off.
    await Task.Delay(TimeSpan.FromSeconds(20));
    var idle = await CostAsync(() => Task.Delay(TimeSpan.FromSeconds(10)));
    var all = new List<(string Name, List<(double[] Edges, double Governance)> Costs)>();
    foreach (var change in changes)
    {
        var costs = new List<(double[] Edges, double Governance)>();
        for (var i = 10; i < 10 + Rounds; i++)
        {
            costs.Add(await CostAsync(async () =>
            {
                await change.Do(i);
                await Task.Delay(TimeSpan.FromSeconds(1));
            }));
        }

        all.Add((change.Name, costs));
    }

    await Task.Delay(TimeSpan.FromSeconds(5));
    var after = await CostAsync(() => Task.Delay(TimeSpan.FromSeconds(10)));
    var (edge, governance) = ((idle.Edges.Average() + after.Edges.Average()) / 20, (idle.Governance + after.Governance) / 20);
    Console.WriteLine($"\n{"CPU per change",-28}{"edge mean ms",14}{"edge max ms",14}{"governance mean ms",20}   (1 s apart, writing to disk included; the clock ticks at 10 ms; idle {edge:0.0} and {governance:0.0} ms/s taken off the means)");
    foreach (var (name, costs) in all)
    {
        Console.WriteLine($"{name,-28}{costs.Average(static c => c.Edges.Average()) - edge,14:0.0}{costs.Max(static c => c.Edges.Max()),14:0}{costs.Average(static c => c.Governance) - governance,20:0.0}");
    }

    Console.WriteLine($"\nload average {File.ReadAllText("/proc/loadavg").Trim()}");

    Task PatchAsync(string path, string member, JsonNode value) => installation.DoAsync(HttpMethod.Patch, path, new JsonObject { [member] = value });

    Task<int> ChatAsync(HttpClient edge, string key, string model) => Installation.ChatAsync(edge, installation.Values[key], model);

    async Task<(double[] Edges, double Governance)> CostAsync(Func<Task> work)
    {
        double[] Now() => [ProcStat.Of(installation.Governance!.Id).CpuSeconds, .. installation.Edges.Select(static e => ProcStat.Of(e.Process.Id).CpuSeconds)];
        var before = Now();
        await work();
        var used = Now().Zip(before, static (a, b) => (a - b) * 1000).ToArray();
        return (used[1..], used[0]);
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static string Secret(JsonObject made) => (made["secret"] ?? made["value"] ?? made["key"])!.ToString();

static async Task<double> SeenAsync(HttpClient edge, string name, Func<HttpClient, int, Task<bool>> isInForce, int i, long since)
{
    while (!await isInForce(edge, i))
    {
        if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(60))
        {
            throw new InvalidOperationException($"'{name}' {i} does not come into force.");
        }

        // The probes shall not take the processor from what they wait for.
        await Task.Delay(1);
    }

    return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
}
