using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Limits;

namespace Gateway.Edge.Tests.Admission.Limits;

/// <summary>A counter of an edge that is alone.</summary>
public sealed class LimitCounterTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_window_ever_takes_more_than_a_burst_and_what_flows_in()
    {
        var cases =
            from amount in Gen.Choose(1, 500)
            from seconds in Gen.Choose(1, 90)
            from burst in Gen.Choose(1, 600)
            from steps in Gen.Choose(0, 3_000).SelectMany(ms => Gen.Choose(1, 40).Select(n => (ms, n))).ListOf(200)
            select (amount, seconds, burst, steps: steps.ToArray());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var time = new ManualTime(_start);
            var counter = Counter(time, new LimitEntry { Id = "l", Name = "l", Amount = c.amount, WindowSeconds = c.seconds, Burst = c.burst });
            var taken = new List<(long At, long Amount)>();
            foreach (var (milliseconds, amount) in c.steps)
            {
                time.Now = time.Now.AddMilliseconds(milliseconds);
                if (counter.TryTake(amount, PriorityClass.Normal, out _, out _) == TakeResult.Taken)
                {
                    taken.Add((time.Now.Ticks, amount));
                }
            }

            AssertBound(taken, c.amount, c.seconds, c.burst);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Waiting_as_long_as_was_said_lets_a_request_through_and_no_shorter()
    {
        var cases =
            from amount in Gen.Choose(1, 1_000_000)
            from seconds in Gen.Choose(1, 86_400)
            from burst in Gen.Choose(1, 1_000_000)
            from first in Gen.Choose(1, burst)
            from second in Gen.Choose(1, burst)
            select (amount, seconds, burst, first, second);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var time = new ManualTime(_start);
            var counter = Counter(time, new LimitEntry { Id = "l", Name = "l", Amount = c.amount, WindowSeconds = c.seconds, Burst = c.burst });
            Assert.Equal(TakeResult.Taken, counter.TryTake(c.first, PriorityClass.Normal, out _, out _));
            if (counter.TryTake(c.second, PriorityClass.Normal, out var wait, out var mark) == TakeResult.Taken)
            {
                counter.Undo(c.second, mark);
                return;
            }

            time.Now += wait - TimeSpan.FromMicroseconds(1);
            Assert.Equal(TakeResult.Refused, counter.TryTake(c.second, PriorityClass.Normal, out _, out _));
            time.Now += TimeSpan.FromMicroseconds(1);
            Assert.Equal(TakeResult.Taken, counter.TryTake(c.second, PriorityClass.Normal, out _, out _));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_was_not_used_can_be_taken_again_but_never_beyond_the_burst()
    {
        var time = new ManualTime(_start);
        var counter = Counter(time, new LimitEntry { Id = "l", Name = "l", Metric = LimitMetric.TotalTokens, Amount = 100 });
        Assert.Equal(TakeResult.Taken, counter.TryTake(100, PriorityClass.Normal, out _, out _));
        Assert.Equal(TakeResult.Refused, counter.TryTake(1, PriorityClass.Normal, out _, out _));
        counter.Settle(100, 40);
        Assert.Equal(40, counter.Figures.Left);
        time.Now = time.Now.AddMinutes(2);
        counter.Settle(60, 60);
        Assert.Equal(100, counter.Figures.Left);
        Assert.Equal(TakeResult.Refused, counter.TryTake(101, PriorityClass.Normal, out var wait, out _));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
    }

    [Fact]
    public void What_was_used_beyond_what_was_held_delays_those_who_come_later()
    {
        var time = new ManualTime(_start);
        var counter = Counter(time, new LimitEntry { Id = "l", Name = "l", Metric = LimitMetric.TotalTokens, Amount = 60 });
        Assert.Equal(TakeResult.Taken, counter.TryTake(60, PriorityClass.Normal, out _, out _));
        counter.Settle(60, -30);
        Assert.Equal(0, counter.Figures.Left);
        Assert.Equal(TakeResult.Refused, counter.TryTake(1, PriorityClass.Normal, out var wait, out _));
        Assert.Equal(31, wait.TotalSeconds, 3);
    }

    [Fact]
    public void Low_requests_leave_the_part_that_is_kept_for_others()
    {
        var counter = Counter(new ManualTime(_start), new LimitEntry { Id = "l", Name = "l", Amount = 100, NormalPercent = 90, LowPercent = 70 });
        Assert.Equal(70, TakeAll(counter, PriorityClass.Low));
        Assert.Equal(20, TakeAll(counter, PriorityClass.Normal));
        Assert.Equal(10, TakeAll(counter, PriorityClass.High));
    }

    [Fact]
    public void A_change_of_figures_keeps_how_full_a_limit_is()
    {
        var time = new ManualTime(_start);
        var entry = new LimitEntry { Id = "l", Name = "l", Amount = 100 };
        var counter = Counter(time, entry);
        Assert.Equal(TakeResult.Taken, counter.TryTake(80, PriorityClass.Normal, out _, out _));
        counter.Change(new LimitRule(entry with { Amount = 1_000 }, "key"));
        Assert.Equal(200, counter.Figures.Left);
        counter.Change(new LimitRule(entry with { Amount = 10 }, "key"));
        Assert.Equal(2, counter.Figures.Left);
    }

    internal static void AssertBound(List<(long At, long Amount)> taken, long amount, int seconds, long burst)
    {
        for (var i = 0; i < taken.Count; i++)
        {
            Int128 sum = 0;
            for (var j = i; j < taken.Count; j++)
            {
                sum += taken[j].Amount;
                var flowed = (Int128)(taken[j].At - taken[i].At) * amount / (seconds * TimeSpan.TicksPerSecond);
                Assert.True(sum <= burst + flowed + 1, $"{sum} within {TimeSpan.FromTicks(taken[j].At - taken[i].At)} of {amount} in {seconds} s with a burst of {burst}");
            }
        }
    }

    private static int TakeAll(LimitCounter counter, PriorityClass priority)
    {
        var taken = 0;
        while (counter.TryTake(1, priority, out _, out _) == TakeResult.Taken)
        {
            taken++;
        }

        return taken;
    }

    private static LimitCounter Counter(ManualTime time, LimitEntry entry) => new("l", new LimitRule(entry, "key"), new LimitSharing(time));
}
