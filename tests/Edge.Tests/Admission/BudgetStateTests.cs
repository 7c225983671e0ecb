using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission;

namespace Gateway.Edge.Tests.Admission;

public sealed class BudgetStateTests
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Settled_and_held_never_pass_the_limit_in_any_order_of_events()
    {
        // Positive: reserve that much. Negative: settle the oldest hold at that share of it.
        Prop.ForAll(Gen.Choose(-100, 400).ListOf().ToArbitrary(), events =>
        {
            var budget = new BudgetState(Entry(1_000), new ManualTime(_noon));
            var holds = new Queue<long>();
            foreach (var e in events)
            {
                if (e >= 0)
                {
                    if (budget.TryReserve(e))
                    {
                        holds.Enqueue(e);
                    }
                }
                else if (holds.TryDequeue(out var held))
                {
                    budget.Settle(held, held * -e / 100);
                }

                var figures = budget.Figures;
                Assert.True(figures.Settled + figures.Held <= 1_000);
                Assert.Equal(holds.Sum(), figures.Held);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Threads_that_race_for_the_last_of_it_never_share_it()
    {
        var budget = new BudgetState(Entry(1_000), TimeProvider.System);
        var granted = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                if (budget.TryReserve(7))
                {
                    Interlocked.Increment(ref granted);
                }
            }
        })));
        Assert.Equal(1_000 / 7, granted);
    }

    [Theory]
    [InlineData(BudgetWindow.Minute, "2026-03-31T12:00:00Z", "2026-03-31T12:01:00Z")]
    [InlineData(BudgetWindow.Hour, "2026-03-31T12:00:00Z", "2026-03-31T13:00:00Z")]
    [InlineData(BudgetWindow.Day, "2026-03-31T00:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData(BudgetWindow.Week, "2026-03-30T00:00:00Z", "2026-04-06T00:00:00Z")]
    [InlineData(BudgetWindow.Month, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData(BudgetWindow.Year, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    public void A_window_is_of_the_calendar_and_a_new_one_starts_empty(BudgetWindow window, string start, string end)
    {
        var time = new ManualTime(_noon);
        var budget = new BudgetState(Entry(100, window), time);
        Assert.True(budget.TryReserve(100));
        budget.Settle(100, 100);
        Assert.Equal(DateTime.Parse(start, null, System.Globalization.DateTimeStyles.AdjustToUniversal), budget.Figures.WindowStart);
        Assert.False(budget.TryReserve(1));

        time.Now = DateTimeOffset.Parse(end, null).AddTicks(-1);
        Assert.False(budget.TryReserve(1));
        time.Now = DateTimeOffset.Parse(end, null);
        Assert.True(budget.TryReserve(100));
    }

    [Fact]
    public void A_hold_that_lives_into_the_next_window_still_counts_there()
    {
        var time = new ManualTime(_noon);
        var budget = new BudgetState(Entry(100, BudgetWindow.Minute), time);
        Assert.True(budget.TryReserve(60));
        time.Now = _noon.AddMinutes(1);
        Assert.False(budget.TryReserve(60));
        budget.Settle(60, 50);
        Assert.Equal(50, budget.Figures.Settled);
    }

    [Fact]
    public void A_changed_limit_keeps_what_was_spent()
    {
        var budget = new BudgetState(Entry(100), new ManualTime(_noon));
        Assert.True(budget.TryReserve(80));
        budget.Settle(80, 80);
        budget.Update(Entry(90));
        Assert.False(budget.TryReserve(11));
        Assert.True(budget.TryReserve(10));
    }

    private static BudgetEntry Entry(long limit, BudgetWindow window = BudgetWindow.Total) => new() { Id = "b", Name = "B", LimitNanoUsd = limit, Window = window };
}
