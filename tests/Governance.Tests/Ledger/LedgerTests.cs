using Gateway.Budgets;
using Gateway.Contracts.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Storage;
using Gateway.Governance.Tests.Support;
using Npgsql;

namespace Gateway.Governance.Tests.Ledger;

public sealed class LedgerOnSqliteTests() : LedgerTests(null);

public sealed class LedgerOnPostgresTests(PostgresServer server) : LedgerTests(server);

/// <summary>What the ledger grants, and what becomes of it.</summary>
public abstract class LedgerTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Edge = "e1";
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 3, 15, 10, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_waiting_request_gets_the_last_nano_dollar_and_not_one_more()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 });
        var first = await at.AskAsync(Edge, 1, Ask(needed: 400));
        Assert.Equal((400, true), (first.Granted, first.Scarce));
        var second = await at.AskAsync("e2", 1, Ask(needed: 601));
        Assert.Equal((0, true), (second.Granted, second.Scarce));
        second = await at.AskAsync("e2", 1, Ask(needed: 600));
        Assert.Equal(600, second.Granted);
        Assert.Equal((0, 1_000), await at.FiguresAsync("month"));
        Assert.Equal(0, (await at.AskAsync("e3", 1, Ask(needed: 1))).Granted);
    }

    [Fact]
    public async Task Asking_again_grants_nothing_twice()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000_000 });
        var ask = Ask(wanted: 1_000);
        Assert.Equal(1_000, (await at.AskAsync(Edge, 1, ask)).Granted);
        Assert.Equal(1_000, (await at.AskAsync(Edge, 1, ask)).Granted);
        Assert.Equal((0, 1_000), await at.FiguresAsync("month"));

        // Spent and held is not free; what the edge has beyond that, it has.
        Assert.Equal(1_700, (await at.AskAsync(Edge, 1, Ask(granted: 1_000, spent: 500, held: 200, wanted: 1_000))).Granted);
    }

    [Fact]
    public async Task An_edge_gets_a_share_that_shrinks_with_what_is_left()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000_000 });
        await at.AskAsync("e2", 1, Ask());
        var one = await at.AskAsync(Edge, 1, Ask(wanted: 1_000_000));
        Assert.InRange(one.Granted, 1, 500_000);
        var two = await at.AskAsync("e2", 1, Ask(wanted: 1_000_000));
        Assert.InRange(two.Granted, 1, one.Granted - 1);
        Assert.False(one.Scarce);
    }

    [Fact]
    public async Task What_a_batch_gives_back_is_free_again_and_in_nobodys_lease()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 });
        await at.AskAsync(Edge, 7, Ask(needed: 900));
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 900, 7, "b#month")], Cancellation);
        Assert.Equal(0, (await at.AskAsync("e2", 1, Ask(needed: 200))).Granted);

        // Its bill comes first, and what it was charged beforehand goes back, by whichever edge sees its end.
        var back = LedgerHarness.Record(_time.Micros, -900, 1, "b#month") with { Operation = Contracts.Usage.Operation.Batch };
        await at.Ledger.IngestAsync("e2", [LedgerHarness.Record(_time.Micros, 30, 9, "b#month"), back], Cancellation);
        Assert.Equal(30, (await at.FiguresAsync("month")).Counted);
        Assert.Equal(970, (await at.AskAsync("e3", 1, Ask(needed: 970))).Granted);
        Assert.Equal(0, (await at.AskAsync("e4", 1, Ask(needed: 1))).Granted);
    }

    [Fact]
    public async Task A_request_that_waits_makes_others_give_back_what_they_have_free()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 });
        await at.AskAsync(Edge, 1, Ask(wanted: 400));
        var free = (await at.AskAsync(Edge, 1, Ask())).Granted;
        Assert.Equal(0, (await at.AskAsync("e2", 1, Ask(needed: 1_000))).Granted);
        Assert.True((await at.AskAsync(Edge, 1, Ask(granted: free))).Scarce);
        await at.AskAsync(Edge, 1, Ask(granted: free, returned: free));
        Assert.Equal(1_000, (await at.AskAsync("e2", 1, Ask(needed: 1_000))).Granted);
    }

    [Fact]
    public async Task A_record_is_charged_to_each_of_its_windows_once_and_uses_up_its_lease()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000_000, Windows = [new() { LimitNanoUsd = 500_000, Unit = BudgetWindow.Day, Rolling = true }] });
        await at.AskAsync(Edge, 7, Ask(needed: 1_000), Ask("rolling-day", needed: 1_000));
        var record = LedgerHarness.Record(_time.Micros, 300, 7, "b#month", "b#rolling-day", "b#month", "gone#month", "what is this", "b#fortnight");
        await at.Ledger.IngestAsync(Edge, [record, record], Cancellation);
        await at.Ledger.IngestAsync(Edge, [record], Cancellation);
        Assert.Equal((300, 700), await at.FiguresAsync("month"));
        Assert.Equal((300, 700), await at.FiguresAsync("rolling-day"));

        // A day and a part later it is out of the window that rolls.
        _time.Now += TimeSpan.FromDays(1) + TimeSpan.FromMinutes(24);
        Assert.Equal(0, (await at.FiguresAsync("rolling-day")).Counted);
        Assert.Equal(300, (await at.FiguresAsync("month")).Counted);
    }

    [Fact]
    public async Task A_true_cost_above_its_lease_is_counted_and_leaves_less_for_others()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 });
        await at.AskAsync(Edge, 1, Ask(needed: 100));
        await at.AskAsync(Edge, 1, Ask(granted: 100, spent: 250));
        Assert.Equal((0, 250), await at.FiguresAsync("month"));
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 250, 1, "b#month")], Cancellation);
        Assert.Equal((250, 0), await at.FiguresAsync("month"));
        Assert.Equal(250 + 750, (await at.AskAsync(Edge, 1, Ask(granted: 250, spent: 250, needed: 750))).Granted);
    }

    [Fact]
    public async Task What_a_dead_run_had_is_nobodys_until_the_next_run_says_that_it_is_settled()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 });
        await at.AskAsync(Edge, 1, Ask(needed: 1_000));
        _time.Now += TimeSpan.FromMinutes(5);
        await at.Ledger.SweepAsync(Cancellation);
        Assert.Equal(0, (await at.AskAsync(Edge, 2, Ask(needed: 1))).Granted);
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 600, 1, "b#month")], Cancellation);
        Assert.Equal((600, 400), await at.FiguresAsync("month"));
        Assert.Equal(400, (await at.AskAsync(Edge, 2, settled: true, Ask(needed: 400))).Granted);

        // What the dead run still has under way grants nothing.
        var late = await at.AskAsync(Edge, 1, Ask(granted: 1_000, needed: 1));
        Assert.Equal((0, 0), (late.Granted, late.ExpiresInMs));
    }

    [Fact]
    public async Task A_silent_run_is_given_up_after_long_and_counted_right_when_it_comes_back()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 });
        await at.AskAsync(Edge, 1, Ask(needed: 800));
        _time.Now += TimeSpan.FromMinutes(9);
        await at.Ledger.SweepAsync(Cancellation);
        Assert.Equal((0, 800), await at.FiguresAsync("month"));
        _time.Now += TimeSpan.FromMinutes(2);
        await at.Ledger.SweepAsync(Cancellation);
        Assert.Equal((0, 0), await at.FiguresAsync("month"));
        Assert.Equal(600, (await at.AskAsync("e2", 1, Ask(needed: 600))).Granted);

        // It had spent 100 and held 50: that is so, and it keeps nothing beyond it.
        var back = await at.AskAsync(Edge, 1, Ask(granted: 800, spent: 100, held: 50));
        Assert.Equal(150, back.Granted);
        Assert.Equal((0, 750), await at.FiguresAsync("month"));
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 100, 1, "b#month")], Cancellation);
        Assert.Equal((100, 650), await at.FiguresAsync("month"));
    }

    [Fact]
    public async Task A_late_question_counts_no_request_twice()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 });
        await at.AskAsync(Edge, 1, Ask(needed: 100));
        var late = Ask(granted: 100, held: 100);
        await at.AskAsync(Edge, 1, Ask(granted: 100, spent: 100));
        Assert.Equal(100, (await at.AskAsync(Edge, 1, late)).Granted);
        Assert.Equal((0, 100), await at.FiguresAsync("month"));
    }

    [Fact]
    public async Task A_lowered_limit_grants_nothing_until_enough_is_given_back_and_a_raised_one_at_once()
    {
        var budget = new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000 };
        await using var at = await OpenAsync(budget);
        await at.AskAsync(Edge, 1, Ask(needed: 800));
        await at.Ledger.PutAsync(budget with { LimitNanoUsd = 500 }, Cancellation);
        Assert.Equal(0, (await at.AskAsync("e2", 1, Ask(needed: 1))).Granted);
        await at.AskAsync(Edge, 1, Ask(granted: 800, returned: 400));
        Assert.Equal(100, (await at.AskAsync("e2", 1, Ask(needed: 100))).Granted);
        await at.Ledger.PutAsync(budget with { LimitNanoUsd = 500, Overrides = [new("o", 50, _time.Now.AddHours(1))] }, Cancellation);
        Assert.Equal(150, (await at.AskAsync("e2", 1, Ask(granted: 100, held: 100, needed: 50))).Granted);
        _time.Now += TimeSpan.FromHours(1);
        Assert.Equal(0, (await at.AskAsync("e3", 1, Ask(needed: 1))).Granted);
    }

    [Fact]
    public async Task A_window_that_is_new_begins_with_what_was_charged_to_its_budget_in_that_time()
    {
        var budget = new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 10_000 };
        await using var at = await OpenAsync(budget);
        await at.AskAsync(Edge, 1, Ask(needed: 700));
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 300, 1, "b#month"), LedgerHarness.Record(_time.Micros - 20L * 86_400_000_000, 50, 1, "b#month")], Cancellation);
        await at.Ledger.PutAsync(
            budget with { LimitNanoUsd = null, Windows = [new() { LimitNanoUsd = 1_000, Unit = BudgetWindow.Day }, new() { LimitNanoUsd = 1_000, Unit = BudgetWindow.Day, Count = 30, Rolling = true }] }, Cancellation);

        // A request that was admitted before the change is charged to the windows of now as well.
        await at.AskAsync(Edge, 1, Ask("day"));
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 100, 1, "b#month")], Cancellation);
        Assert.Equal(400, (await at.FiguresAsync("day")).Counted);
        Assert.Equal(450, (await at.FiguresAsync("rolling-30d")).Counted);

        // Back to where it was: what came in meanwhile is in it.
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 1_000, 1, "b#day")], Cancellation);
        await at.Ledger.PutAsync(budget, Cancellation);
        await at.AskAsync(Edge, 1, Ask());
        Assert.Equal(1_400, (await at.FiguresAsync("month")).Counted);
    }

    [Fact]
    public async Task A_budget_that_is_deleted_and_made_again_is_not_refilled()
    {
        var budget = new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 10_000, Window = BudgetWindow.Total };
        await using var at = await OpenAsync(budget);
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 300, 1, "b#total")], Cancellation);
        await at.Ledger.DeleteAsync("b", Cancellation);
        var free = await at.AskAsync(Edge, 1, Ask("total", needed: 99_999));
        Assert.Equal(99_999, free.Granted);
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 20, 1, "b#total")], Cancellation);
        await at.Ledger.PutAsync(budget, Cancellation);
        await at.AskAsync(Edge, 1, Ask("total"));
        Assert.Equal(320, (await at.FiguresAsync("total")).Counted);
    }

    [Fact]
    public async Task A_dry_run_counts_and_never_refuses()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 10, DryRun = true });
        var granted = await at.AskAsync(Edge, 1, Ask(needed: 1_000, wanted: 5_000));
        Assert.Equal((5_000, false), (granted.Granted, granted.Scarce));
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros, 1_000, 1, "b#month")], Cancellation);
        Assert.Equal((1_000, 4_000), await at.FiguresAsync("month"));
    }

    [Fact]
    public async Task Nothing_is_granted_for_windows_that_begin_far_ahead()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000, Window = BudgetWindow.Hour });
        var next = _time.Micros - (_time.Micros % 3_600_000_000) + 3_600_000_000;
        Assert.Equal(0, (await at.AskAsync(Edge, 1, Ask("hour", needed: 10) with { Start = next })).Granted);
        _time.Now += TimeSpan.FromMinutes(26);
        Assert.Equal(10, (await at.AskAsync(Edge, 1, Ask("hour", needed: 10) with { Start = next })).Granted);
        Assert.Equal(10, (await at.AskAsync(Edge, 1, Ask("hour", needed: 10) with { Start = next - 3_600_000_000 })).Granted);
    }

    [Fact]
    public async Task A_new_window_begins_empty_and_old_accounts_are_swept_away()
    {
        await using var at = await OpenAsync(new BudgetEntry { Id = "b", Name = "b", LimitNanoUsd = 1_000, Window = BudgetWindow.Minute });
        Assert.Equal(1_000, (await at.AskAsync(Edge, 1, Ask("minute", needed: 1_000))).Granted);
        _time.Now += TimeSpan.FromMinutes(1);
        Assert.Equal(1_000, (await at.AskAsync(Edge, 1, Ask("minute", needed: 1_000))).Granted);
        _time.Now += TimeSpan.FromHours(3);
        await at.Ledger.SweepAsync(Cancellation);
        Assert.Equal(0, await at.Ledger.Database.ReadAsync(s => s.ScalarAsync<long>("SELECT COUNT(*) FROM budget_accounts"), Cancellation));
        Assert.Equal(0, await at.Ledger.Database.ReadAsync(s => s.ScalarAsync<long>("SELECT COUNT(*) FROM budget_leases"), Cancellation));

        // A record that is late beyond measure is still in the ledger.
        await at.Ledger.IngestAsync(Edge, [LedgerHarness.Record(_time.Micros - 3 * 3_600_000_000L, 5, 1, "b#minute")], Cancellation);
        Assert.Equal(1_000, (await at.AskAsync(Edge, 2, Ask("minute", needed: 1_000))).Granted);
    }

    private LeaseAsk Ask(string window = "month", long granted = 0, long returned = 0, long spent = 0, long held = 0, long wanted = 0, long needed = 0) => new()
    {
        BudgetId = "b",
        Window = window,
        Start = BudgetWindows.Around(BudgetWindows.Parse(window)!, _time.Micros).Start,
        Granted = granted,
        Returned = returned,
        Spent = spent,
        Held = held,
        Wanted = wanted,
        Needed = needed,
    };

    private async Task<Desk> OpenAsync(BudgetEntry budget)
    {
        NpgsqlDataSource? source = null;
        Database database = Postgres is null ? new SqliteDatabase(Path.Combine(DataDirectory, "ledger.db")) : new PostgresDatabase(source = NpgsqlDataSource.Create(Postgres));
        var desk = new Desk(await LedgerHarness.StartAsync(database, _time, Cancellation), database, source);
        await desk.Ledger.PutAsync(budget, Cancellation);
        return desk;
    }

    private sealed record Desk(LedgerHarness Ledger, Database Store, NpgsqlDataSource? Source) : IAsyncDisposable
    {
        public Task<LeaseGrant> AskAsync(string edge, long epoch, params IReadOnlyList<LeaseAsk> asks) => AskAsync(edge, epoch, settled: false, asks);

        public async Task<LeaseGrant> AskAsync(string edge, long epoch, bool settled, params IReadOnlyList<LeaseAsk> asks)
            => (await Ledger.AskAsync(new LeaseRequest { EdgeId = edge, Epoch = epoch, EarlierRunsSettled = settled, Leases = asks }, Cancellation)).Leases[0];

        public Task<(long Counted, long Leased)> FiguresAsync(string window) => Ledger.FiguresAsync("b", window, Cancellation);

        public async ValueTask DisposeAsync()
        {
            (Store as IDisposable)?.Dispose();
            if (Source is not null)
            {
                await Source.DisposeAsync();
            }
        }
    }
}
