using FsCheck;
using FsCheck.Fluent;
using Gateway.Edge.Admission.Limits;

namespace Gateway.Edge.Tests.Admission;

public sealed class GcraLimiterTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_minute_ever_takes_more_than_a_burst_and_the_minutes_rate()
    {
        var cases =
            from limit in Gen.Choose(1, 50)
            from steps in Gen.Choose(0, 3_000).ListOf(300)
            select (limit, steps: steps.ToArray());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var time = new ManualTime(_start);
            var limiter = new GcraLimiter(c.limit, time);
            var taken = new List<DateTimeOffset>();
            foreach (var milliseconds in c.steps)
            {
                time.Now = time.Now.AddMilliseconds(milliseconds);
                if (limiter.TryTake(1, out _))
                {
                    taken.Add(time.Now);
                }
            }

            for (var i = 0; i < taken.Count; i++)
            {
                var inMinute = taken.Skip(i).TakeWhile(t => t < taken[i].AddMinutes(1)).Count();
                Assert.True(inMinute <= (2 * c.limit) + 1, $"{inMinute} in a minute of a limit of {c.limit}");
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_wait_is_true_to_the_moment()
    {
        var time = new ManualTime(_start);
        var limiter = new GcraLimiter(60, time);
        for (var i = 0; i < 60; i++)
        {
            Assert.True(limiter.TryTake(1, out _));
        }

        Assert.False(limiter.TryTake(1, out var wait));
        Assert.Equal(1, wait.TotalSeconds, 3);
        time.Now = time.Now + wait - TimeSpan.FromMilliseconds(1);
        Assert.False(limiter.TryTake(1, out _));
        time.Now = time.Now.AddMilliseconds(2);
        Assert.True(limiter.TryTake(1, out _));
    }

    [Fact]
    public void What_is_given_back_can_be_taken_again()
    {
        var limiter = new GcraLimiter(100, new ManualTime(_start));
        Assert.True(limiter.TryTake(100, out _));
        Assert.False(limiter.TryTake(1, out _));
        limiter.GiveBack(40);
        Assert.True(limiter.TryTake(40, out _));
        Assert.False(limiter.TryTake(1, out _));
    }

    [Fact]
    public void More_than_the_whole_limit_never_fits()
    {
        var limiter = new GcraLimiter(10, new ManualTime(_start));
        Assert.False(limiter.TryTake(11, out var wait));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
        Assert.Equal(10, limiter.Remaining);
    }
}
