using System.Diagnostics;
using Gateway.Contracts;
using Gateway.Contracts.Budgets;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.LedgerBenchmark;

/// <summary>Rounds of lease questions, as an edge asks them; each grants something, so each is a durable commit.</summary>
internal sealed class Leases(Service service, int accounts)
{
    private const int Rounds = 60;
    private static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly long _epoch = UsageTime.Micros(_now);
    private readonly long _start = UsageTime.Micros(new DateTimeOffset(_now.Year, _now.Month, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly long[] _granted = new long[accounts];

    public static async Task RunAsync(Service service, Arguments arguments, Report report, CancellationToken cancellation)
    {
        report.Title($"lease rounds (POST /internal/leases), {arguments.Accounts:N0} accounts, {Rounds} rounds each");
        var leases = new Leases(service, arguments.Accounts);
        _ = await leases.TimeAsync(arguments.Accounts, 2, cancellation).ConfigureAwait(false);
        int[] sizes = [1, 20, arguments.Accounts];
        foreach (var size in sizes)
        {
            report.Times($"{size:N0} of them", await leases.TimeAsync(size, Rounds, cancellation).ConfigureAwait(false), 5);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var sending = Task.Run(() => new Ingestion(service, arguments.Accounts).KeepSendingAsync(stop.Token), cancellation);
        var start = Stopwatch.GetTimestamp();
        foreach (var size in sizes)
        {
            report.Times($"{size:N0}, while records come in", await leases.TimeAsync(size, Rounds, cancellation).ConfigureAwait(false), 5);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        await stop.CancelAsync().ConfigureAwait(false);
        report.Line($"  meanwhile {await sending.ConfigureAwait(false) / elapsed.TotalSeconds:N0} records/s with 3 budgets each came in   load average {Report.Load}");
    }

    private async Task<List<double>> TimeAsync(int size, int rounds, CancellationToken cancellation)
    {
        var times = new List<double>(rounds);
        for (var round = 0; round < rounds; round++)
        {
            var asked = Enumerable.Range(0, size).Select(n => ((round * size) + n) % accounts).ToArray();
            var request = new LeaseRequest
            {
                EdgeId = "edge-of-leases",
                Epoch = _epoch,
                Leases = [.. asked.Select(n => new LeaseAsk { BudgetId = Service.BudgetId(n), Window = "month", Start = _start, Granted = _granted[n], Spent = _granted[n], Wanted = 1_000_000 })],
            };
            var start = Stopwatch.GetTimestamp();
            using var answer = await service.Internal.PostAsJsonAsync(new Uri("/internal/leases", UriKind.Relative), request, ContractsJson.Default.LeaseRequest, cancellation).ConfigureAwait(false);
            var response = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ContractsJson.Default.LeaseResponse, cancellation).ConfigureAwait(false);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            for (var i = 0; i < asked.Length; i++)
            {
                _granted[asked[i]] = response!.Leases[i].Granted;
            }
        }

        return times;
    }
}
