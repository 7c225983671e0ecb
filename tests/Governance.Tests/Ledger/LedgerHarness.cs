using Gateway.Budgets;
using Gateway.Contracts.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Governance.Entries;
using Gateway.Governance.Ledger;
using Gateway.Governance.Storage;
using Gateway.Governance.Storage.Migrations;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Ingestion;
using Gateway.Governance.Usage.Partitions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Governance.Tests.Ledger;

/// <summary>The ledger over a real store and a clock of the test's.</summary>
internal sealed class LedgerHarness
{
    private readonly Database _database;
    private LeaseDesk _desk = null!;
    private UsageLedger _usage = null!;
    private ConfigStore _store = null!;
    private Func<RunSweeper> _sweeper = null!;

    private LedgerHarness(Database database, ManualTime time) => (_database, Time) = (database, time);

    public ManualTime Time { get; }

    public LedgerOptions Options { get; } = new();

    public BudgetCharges Charges { get; private set; } = null!;

    public Database Database => _database;

    public static async Task<LedgerHarness> StartAsync(Database database, ManualTime time, CancellationToken cancellation)
    {
        await new Migrator(database, time, NullLogger<Migrator>.Instance).MigrateAsync(cancellation);
        var harness = new LedgerHarness(database, time);
        await harness.RestartAsync(cancellation);
        return harness;
    }

    /// <summary>As after a kill: nothing is left but what is in the store.</summary>
    public async Task RestartAsync(CancellationToken cancellation)
    {
        var clocks = new WindowClocks();
        _store = new ConfigStore(_database, Time, []);
        var catalogues = new BudgetCatalogues(_store, clocks);
        var book = new AccountBook(clocks, Time);
        var registry = new WindowRegistry(_database, book, clocks);
        var runs = new RunBook(book, Options);
        Charges = new BudgetCharges(book, registry, clocks, catalogues, Time);
        _desk = new LeaseDesk(_database, book, registry, clocks, catalogues, runs, Options, Time);
        _usage = new UsageLedger(_database, new UsagePartitions(_database), new AggregateNames(), new UsageSources(Time), [Charges]);
        _sweeper = () => new RunSweeper(_database, book, runs, Options, new Bootstrap.StoreGate(), Time, NullLogger<RunSweeper>.Instance);
        await _store.CurrentAsync(cancellation);
    }

    public Task PutAsync(BudgetEntry budget, CancellationToken cancellation)
        => _store.ChangeAsync(_ => ConfigChange.Of(EntryWrite.Put(EntryKinds.Budget, budget.Id, budget, StoredJson.Default.BudgetEntry)), cancellation);

    public Task DeleteAsync(string budget, CancellationToken cancellation)
        => _store.ChangeAsync(_ => ConfigChange.Of(EntryWrite.Delete(EntryKinds.Budget, budget)), cancellation);

    public async Task<LeaseResponse> AskAsync(LeaseRequest request, CancellationToken cancellation) => (await _desk.AnswerAsync([request], cancellation))[0];

    public async Task<UsageAck> IngestAsync(string edge, IReadOnlyList<UsageRecord> records, CancellationToken cancellation)
        => (await _usage.StoreAsync([new UsageBatch { EdgeId = edge, Records = records }], cancellation))[0];

    public async Task SweepAsync(CancellationToken cancellation, long reachableSince = 0)
    {
        using var sweeper = _sweeper();
        await sweeper.SweepAsync(reachableSince, cancellation);
    }

    /// <summary>What the tables say of the account of a window now.</summary>
    public Task<(long Counted, long Leased)> FiguresAsync(string budget, string window, CancellationToken cancellation)
        => FiguresAsync(budget, window, BudgetWindows.Around(BudgetWindows.Parse(window)!, Time.Micros).Start, cancellation);

    /// <summary>What the tables say of an account: settled as far as it counts, and leased, which must be the sum over its leases.</summary>
    public Task<(long Counted, long Leased)> FiguresAsync(string budget, string window, long start, CancellationToken cancellation)
    {
        var clock = new WindowClock(BudgetWindows.Parse(window)!);
        return _database.ReadAsync(
            async session =>
            {
                var id = await session.ScalarAsync<long?>(
                    "SELECT id FROM budget_accounts WHERE budget_id = @budget AND window_key = @window AND start = @start", new { budget, window, start });
                if (id is null)
                {
                    return (0L, 0L);
                }

                var settled = clock.PartLength > 0
                    ? await session.ScalarAsync<long?>("SELECT CAST(SUM(settled) AS BIGINT) FROM budget_parts WHERE account_id = @id AND counts_until > @now", new { id, now = Time.Micros }) ?? 0
                    : await session.ScalarAsync<long>("SELECT settled FROM budget_accounts WHERE id = @id", new { id });
                var leased = await session.ScalarAsync<long>("SELECT leased FROM budget_accounts WHERE id = @id", new { id });
                var sum = await session.ScalarAsync<long?>(
                    "SELECT CAST(SUM(CASE WHEN granted - returned - ingested > 0 THEN granted - returned - ingested ELSE 0 END) AS BIGINT) FROM budget_leases WHERE account_id = @id", new { id }) ?? 0;
                Assert.Equal(sum, leased);
                return (settled, leased);
            },
            cancellation);
    }

    /// <summary>A record that is charged to accounts.</summary>
    public static UsageRecord Record(long micros, long cost, long epoch, params IReadOnlyList<string> accounts) => new()
    {
        Id = Guid.NewGuid().ToString("n"),
        StartedAtMicros = micros,
        Operation = Operation.Chat,
        Outcome = RequestOutcome.Completed,
        Status = 200,
        KeyId = "k",
        Model = "m",
        ProviderId = "p",
        CostNanoUsd = cost,
        PriceVersion = "1",
        Epoch = epoch,
        Budgets = accounts,
    };
}
