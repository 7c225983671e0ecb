using System.Diagnostics;
using System.Globalization;
using Gateway.Benchmarks;
using Gateway.Contracts.Usage;
using Gateway.Edge.Pipeline.Steps;
using Microsoft.Extensions.DependencyInjection;

// What steps 1 to 4 cost a request: who calls, what is asked, may it, is there room. On one thread, each request by another key.
const int Warmup = 50_000, Requests = 100_000;
if (args is ["cache", ..])
{
    CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
    var home = Directory.CreateTempSubdirectory("gateway-cache-").FullName;
    try
    {
        await CacheCosts.RunAsync(home, args.Length > 1 ? args[1] : null);
        return 0;
    }
    finally
    {
        Directory.Delete(home, recursive: true);
    }
}

var (keys, teams, routes) = args.Length == 3 ? (int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture)) : (10_000, 2_000, 500);
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var folder = Directory.CreateTempSubdirectory("gateway-admission-").FullName;
try
{
    await using var installation = await Installation.StartAsync(folder, keys, teams, routes);
    var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
    Console.WriteLine($"{keys} keys, {teams} teams, {routes} routes; {configuration} build; {Requests} requests, each by another key, under 4 windows of budgets and 4 limits; load average {File.ReadAllText("/proc/loadavg").Trim()}");
    Console.WriteLine($"\n{"prompt",-22}{"identify",10}{"envelope",10}{"authorize",11}{"admit",8}{"all ns",9}{"p50",8}{"p99",8}{"bytes",8}");
    (string Name, int Words)[] prompts = [("40 bytes", 5), ("1 KB", 170), ("16 KB", 2_750)];

    // The compiler optimizes in the background while requests run: the first row would pay for it.
    foreach (var (_, words) in prompts)
    {
        new Bench(installation, keys, words).Run(Warmup);
    }

    foreach (var (name, words) in prompts)
    {
        var bench = new Bench(installation, keys, words);
        bench.Run(Warmup);
        var result = bench.Run(Requests);
        Console.WriteLine($"{name,-22}{result.Steps[0],10:0}{result.Steps[1],10:0}{result.Steps[2],11:0}{result.Steps[3],8:0}{result.Steps.Sum(),9:0}{result.P50,8:0}{result.P99,8:0}{result.Bytes,8:0}");
    }

    Console.WriteLine("\nMeans in nanoseconds, the clock's own 25 ns or so a step included; bytes are allocated by the four steps alone. The body is in memory already, as it is when it came with the head.");
    Console.WriteLine($"load average {File.ReadAllText("/proc/loadavg").Trim()}");
    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

/// <summary>Requests as the server hands them over, through the real steps.</summary>
internal sealed class Bench(Installation installation, int keys, int words)
{
    private readonly Requests _requests = new(installation, keys, words);
    private readonly IdentifyStep _identify = installation.Services.GetRequiredService<IdentifyStep>();
    private readonly EnvelopeStep _envelope = installation.Services.GetRequiredService<EnvelopeStep>();
    private readonly AuthorizeStep _authorize = installation.Services.GetRequiredService<AuthorizeStep>();
    private readonly AdmitStep _admit = installation.Services.GetRequiredService<AdmitStep>();
    private readonly SettleStep _settle = installation.Services.GetRequiredService<SettleStep>();

    public (double[] Steps, double P50, double P99, double Bytes) Run(int requests)
    {
        var steps = new double[4];
        var totals = new double[requests];
        var scale = 1e9 / Stopwatch.Frequency;
        long bytes = 0;
        for (var i = 0; i < requests; i++)
        {
            var context = _requests.Next(i);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            var failure = _identify.Run(context);
            var identified = Stopwatch.GetTimestamp();
            failure ??= Now(_envelope.RunAsync(context));
            var read = Stopwatch.GetTimestamp();
            failure ??= _authorize.Run(context);
            var authorized = Stopwatch.GetTimestamp();
            failure ??= Now(_admit.RunAsync(context));
            var end = Stopwatch.GetTimestamp();
            bytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (failure is not null)
            {
                throw new InvalidOperationException(failure.Message);
            }

            steps[0] += (identified - start) * scale;
            steps[1] += (read - identified) * scale;
            steps[2] += (authorized - read) * scale;
            steps[3] += (end - authorized) * scale;
            totals[i] = (end - start) * scale;
            context.Outcome = RequestOutcome.Completed;
            _settle.Run(context);
            context.Body.Return();
        }

        Array.Sort(totals);
        return ([.. steps.Select(s => s / requests)], totals[requests / 2], totals[(int)(requests * 0.99)], bytes / (double)requests);
    }

    private static Gateway.Edge.Errors.Failure? Now(ValueTask<Gateway.Edge.Errors.Failure?> step) =>
        step.IsCompleted ? step.GetAwaiter().GetResult() : throw new InvalidOperationException("A step waited for something.");
}
