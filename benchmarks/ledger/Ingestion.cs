using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Usage;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.LedgerBenchmark;

/// <summary>Batches as edges send them, several edges at once.</summary>
internal sealed class Ingestion(Service service, int accounts)
{
    private const int Edges = 4;
    private const int BatchRecords = 1_000;
    private const int Keys = 300;
    private static long _writers = TimeProvider.System.GetUtcNow().UtcTicks;

    public static async Task RunAsync(Service service, Arguments arguments, Report report, CancellationToken cancellation)
    {
        report.Title($"ingestion (POST /internal/usage), {Edges} edges, batches of {BatchRecords:N0}, {arguments.Ingest:N0} records a run; aim 5,000 records/s");
        var ingestion = new Ingestion(service, arguments.Accounts);
        _ = await ingestion.SendAsync(Make(BatchRecords * Edges, 1, ingestion), cancellation).ConfigureAwait(false);
        foreach (var budgets in (int[])[0, 3])
        {
            var batches = Make(arguments.Ingest, budgets, ingestion);
            var elapsed = await ingestion.SendAsync(batches, cancellation).ConfigureAwait(false);
            report.Line($"  {budgets} budgets a record: {arguments.Ingest / elapsed.TotalSeconds,8:N0} records/s   load average {Report.Load}");
        }
    }

    /// <summary>Batches without end, until cancelled.</summary>
    public async Task<long> KeepSendingAsync(CancellationToken cancellation)
    {
        var sent = 0L;
        try
        {
            while (true)
            {
                _ = await SendAsync(Make(BatchRecords * Edges, 3, this), cancellation).ConfigureAwait(false);
                sent += BatchRecords * Edges;
            }
        }
        catch (OperationCanceledException)
        {
            return sent;
        }
    }

    private static List<List<byte[]>> Make(int records, int budgets, Ingestion ingestion)
        => [.. Enumerable.Range(0, Edges).Select(edge => ingestion.Batches(edge, records / Edges, budgets))];

    private List<byte[]> Batches(int edge, int records, int budgets)
    {
        var writer = Interlocked.Increment(ref _writers);
        var start = UsageTime.Micros(TimeProvider.System.GetUtcNow());
        return
        [
            .. Enumerable.Range(0, records).Chunk(BatchRecords).Select(numbers => JsonSerializer.SerializeToUtf8Bytes(
                new UsageBatch { EdgeId = EdgeId(edge), Records = [.. numbers.Select(n => Record(writer, n, start + n, budgets))] }, ContractsJson.Default.UsageBatch)),
        ];
    }

    private static string EdgeId(int edge) => string.Create(CultureInfo.InvariantCulture, $"edge-{edge}");

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number}");

    private UsageRecord Record(long writer, int number, long start, int budgets)
    {
        var key = (int)(number * 2_654_435_761L % Keys);
        return new UsageRecord
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{writer:x16}{number:x16}"),
            StartedAtMicros = start,
            DurationMicros = 100_000 + (number % 9_000_000),
            FirstByteMicros = 20_000 + (number % 500_000),
            KeyId = Name("key", key),
            TeamId = Name("team", key % 60),
            CustomerId = Name("customer", key % 12),
            UserId = Name("user", key % 120),
            Operation = Operation.Chat,
            Model = Name("model", (key + (number % 3 * 7)) % 20),
            Route = Name("route", key % 8),
            DeploymentId = "deployment",
            ProviderId = Name("provider", key % 5),
            CredentialId = "credential",
            Status = 200,
            Outcome = RequestOutcome.Completed,
            Attempts = 1,
            Tokens = new TokenUsage { Input = 900, Output = 250 },
            CostNanoUsd = 4_000_000,
            PriceVersion = "1",
            Epoch = 1,
            TraceId = string.Create(CultureInfo.InvariantCulture, $"{writer:x16}{number:x16}"),
            Budgets = [.. Enumerable.Range(0, budgets).Select(b => $"{Service.BudgetId((key + (b * 331)) % accounts)}#month")],
        };
    }

    private async Task<TimeSpan> SendAsync(List<List<byte[]>> edges, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(edges.Select(SendEdgeAsync)).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(start);

        async Task SendEdgeAsync(List<byte[]> batches)
        {
            foreach (var batch in batches)
            {
                using var content = new ByteArrayContent(batch) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                using var answer = await service.Internal.PostAsync(new Uri("/internal/usage", UriKind.Relative), content, cancellation).ConfigureAwait(false);
                _ = answer.EnsureSuccessStatusCode();
            }
        }
    }
}
