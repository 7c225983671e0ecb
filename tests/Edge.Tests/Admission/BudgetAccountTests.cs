using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Budgets;

namespace Gateway.Edge.Tests.Admission;

public sealed class BudgetAccountTests
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Settled_and_held_never_pass_the_limit_in_any_order_of_events()
    {
        // Positive: hold that much. Negative: settle the oldest hold at that share of it.
        Prop.ForAll(Gen.Choose(-100, 400).ListOf().ToArbitrary(), events =>
        {
            var clock = new ManualTime(_noon);
            var account = Account(Entry(1_000), clock);
            var holds = new Queue<long>();
            foreach (var e in events)
            {
                if (e > 0)
                {
                    if (Held(account, clock, e))
                    {
                        holds.Enqueue(e);
                    }
                }
                else if (holds.TryDequeue(out var held))
                {
                    account.Settle(Micros(clock), held, held * -e / 100);
                }

                var figures = account.Figures;
                Assert.True(figures.Settled + figures.Held <= 1_000);
                Assert.Equal(holds.Sum(), figures.Held);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Threads_that_race_for_the_last_of_it_never_share_it()
    {
        var account = Account(Entry(1_000), TimeProvider.System);
        var granted = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                if (Held(account, TimeProvider.System, 7))
                {
                    Interlocked.Increment(ref granted);
                }
            }
        })));
        Assert.Equal(1_000 / 7, granted);
    }

    [Theory]
    [InlineData(BudgetWindow.Minute, "2026-03-31T12:01:00Z")]
    [InlineData(BudgetWindow.Hour, "2026-03-31T13:00:00Z")]
    [InlineData(BudgetWindow.Day, "2026-04-01T00:00:00Z")]
    [InlineData(BudgetWindow.Week, "2026-04-06T00:00:00Z")]
    [InlineData(BudgetWindow.Month, "2026-04-01T00:00:00Z")]
    [InlineData(BudgetWindow.Year, "2027-01-01T00:00:00Z")]
    public void A_new_window_starts_empty(BudgetWindow window, string end)
    {
        var clock = new ManualTime(_noon);
        var account = Account(Entry(100, window), clock);
        Assert.True(Held(account, clock, 100));
        account.Settle(Micros(clock), 100, 100);
        Assert.False(Held(account, clock, 1));

        clock.Now = DateTimeOffset.Parse(end, null).AddTicks(-10);
        Assert.False(Held(account, clock, 1));
        clock.Now = DateTimeOffset.Parse(end, null);
        Assert.True(Held(account, clock, 100));
    }

    [Fact]
    public void A_request_counts_in_the_window_it_began_in_however_long_it_runs()
    {
        var clock = new ManualTime(_noon);
        var account = Account(Entry(100, BudgetWindow.Minute), clock);
        var began = Micros(clock);
        Assert.True(Held(account, clock, 60));
        clock.Now = _noon.AddMinutes(1);
        Assert.True(Held(account, clock, 100));
        account.Settle(began, 60, 50);
        Assert.Equal((0, 100), (account.Figures.Settled, account.Figures.Held));
    }

    [Fact]
    public void A_rolling_window_lets_go_of_what_was_spent_part_by_part()
    {
        var clock = new ManualTime(_noon);
        var account = Account(new BudgetEntry { Id = "b", Name = "B", Windows = [new BudgetWindowEntry { LimitNanoUsd = 100, Unit = BudgetWindow.Hour, Rolling = true }] }, clock);
        Assert.True(Held(account, clock, 60));
        account.Settle(Micros(clock), 60, 60);
        clock.Now = _noon.AddMinutes(30);
        Assert.True(Held(account, clock, 40));
        account.Settle(Micros(clock), 40, 40);
        clock.Now = _noon.AddMinutes(60);
        Assert.False(Held(account, clock, 1));
        clock.Now = _noon.AddMinutes(61);
        Assert.False(Held(account, clock, 61));
        Assert.True(Held(account, clock, 60));
    }

    [Fact]
    public void A_changed_limit_keeps_what_was_spent()
    {
        var clock = new ManualTime(_noon);
        var book = new BudgetBook(clock, isLocal: true);
        var account = book.Open(Entry(100)).Single();
        Assert.True(Held(account, clock, 80));
        account.Settle(Micros(clock), 80, 80);
        Assert.Same(account, book.Open(Entry(90)).Single());
        Assert.False(Held(account, clock, 11));
        Assert.True(Held(account, clock, 10));
    }

    [Fact]
    public void An_override_counts_until_it_expires()
    {
        var clock = new ManualTime(_noon);
        var account = Account(Entry(100) with { Overrides = [new BudgetOverride("more", 50, _noon.AddHours(1))] }, clock);
        Assert.True(Held(account, clock, 120));
        account.Settle(Micros(clock), 120, 120);
        Assert.True(Held(account, clock, 30));
        account.Settle(Micros(clock), 30, 0);
        clock.Now = _noon.AddHours(1);
        Assert.False(Held(account, clock, 1));
    }

    [Fact]
    public void A_budget_on_trial_refuses_nothing_and_counts_what_it_would_have_refused()
    {
        var clock = new ManualTime(_noon);
        var account = Account(Entry(100) with { DryRun = true }, clock);
        Assert.True(Held(account, clock, 100));
        Assert.True(Held(account, clock, 100));
        account.Settle(Micros(clock), 100, 100);
        account.Settle(Micros(clock), 100, 100);
        Assert.Equal((200, 0, 1), (account.Figures.Settled, account.Figures.Held, account.WouldHaveRefused));
    }

    [Fact]
    public void Under_governance_too_where_the_ledger_says_that_nothing_is_left()
    {
        var clock = new ManualTime(_noon);
        var account = new BudgetBook(clock, isLocal: false).Open(Entry(100) with { DryRun = true }).Single();

        // Nothing is leased yet: the first answer tells that there was room.
        Assert.True(Held(account, clock, 10));
        Tell(account, clock, granted: 50, scarce: false, percent: 10);
        Assert.Equal(0, account.WouldHaveRefused);

        // Beyond the lease, but not beyond the limit.
        Assert.True(Held(account, clock, 60));
        Tell(account, clock, granted: 90, scarce: false, percent: 10);
        Assert.Equal(0, account.WouldHaveRefused);
        Assert.True(Held(account, clock, 60));
        Tell(account, clock, granted: 100, scarce: true, percent: 70);
        Assert.Equal(1, account.WouldHaveRefused);
        Assert.True(Held(account, clock, 1));
        Assert.Equal(2, account.WouldHaveRefused);
        Tell(account, clock, granted: 100, scarce: false, percent: 130);
        Assert.True(Held(account, clock, 1));
        Assert.Equal(3, account.WouldHaveRefused);
    }

    [Fact]
    public void A_past_window_that_was_let_go_of_is_not_granted_anew_to_a_request_that_began_in_it()
    {
        var clock = new ManualTime(_noon.AddSeconds(50));
        var account = new BudgetBook(clock, isLocal: false).Open(Entry(100, BudgetWindow.Minute)).Single();
        var ledger = new ModelLedger(new Dictionary<string, long> { ["b"] = 100 });
        var began = Micros(clock);
        Assert.Equal(LeaseAnswer.Room, Granted(account, clock, ledger, began, 100));
        Assert.True(Held(account, clock, 100));
        account.Settle(began, 100, 100);
        clock.Now += TimeSpan.FromSeconds(2);
        Exchange(account, clock, ledger);

        // The next minute: nothing of the last is held any more, and the ledger knows it.
        clock.Now = _noon.AddSeconds(61);
        Assert.Equal(HoldOutcome.Lapsed, account.TryHold(Micros(clock), 1, clock.GetTimestamp()));

        // A request that began before and was slow to come: the minute's money is spent.
        Assert.NotEqual(LeaseAnswer.Room, Granted(account, clock, ledger, began, 50));
        Assert.Equal(HoldOutcome.NoRoom, account.TryHold(began, 50, clock.GetTimestamp()));
    }

    [Fact]
    public void A_past_window_that_a_request_waits_for_is_kept()
    {
        var clock = new ManualTime(_noon.AddSeconds(59));
        var account = new BudgetBook(clock, isLocal: false).Open(Entry(100, BudgetWindow.Minute)).Single();
        var began = Micros(clock);
        var waiter = account.Wait(began, 60);
        clock.Now = _noon.AddSeconds(61);
        _ = account.TryHold(Micros(clock), 1, clock.GetTimestamp());
        Assert.Same(waiter.Window, account.Wait(began, 60).Window);
    }

    private static LeaseAnswer Granted(BudgetAccount account, TimeProvider time, ModelLedger ledger, long micros, long amount)
    {
        var waiter = account.Wait(micros, amount);
        Exchange(account, time, ledger);
        return waiter.Answer.GetAwaiter().GetResult();
    }

    private static void Exchange(BudgetAccount account, TimeProvider time, ModelLedger ledger)
    {
        var questions = new List<LeaseQuestion>();
        account.Ask(time.GetTimestamp(), questions);
        foreach (var question in questions.Where(static q => q.Window.Start < (_noon.AddMinutes(1) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond))
        {
            var answer = ledger.Answer(new LeaseRequest { EdgeId = "e", Epoch = 1, Leases = [question.Ask] }, 60_000);
            account.Apply(question.Window, answer.Leases[0], time.GetTimestamp());
        }
    }

    private static void Tell(BudgetAccount account, TimeProvider time, long granted, bool scarce, double percent)
    {
        var questions = new List<LeaseQuestion>();
        account.Ask(time.GetTimestamp(), questions);
        var window = questions.Count > 0 ? questions[0].Window : account.Wait(Micros(time), 1).Window;
        account.Apply(window, new LeaseGrant { Granted = granted, ExpiresInMs = 60_000, Scarce = scarce, SpentPercent = percent }, time.GetTimestamp());
    }

    private static BudgetAccount Account(BudgetEntry entry, TimeProvider time) => new BudgetBook(time, isLocal: true).Open(entry).Single();

    private static bool Held(BudgetAccount account, TimeProvider time, long amount) => account.TryHold(Micros(time), amount, time.GetTimestamp()) == HoldOutcome.Held;

    private static long Micros(TimeProvider time) => (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static BudgetEntry Entry(long limit, BudgetWindow window = BudgetWindow.Total) => new() { Id = "b", Name = "B", LimitNanoUsd = limit, Window = window };
}
