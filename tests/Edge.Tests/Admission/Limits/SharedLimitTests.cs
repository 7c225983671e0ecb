using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Tests.Admission.Limits;

/// <summary>Rate limits over several edges: never too much, and little left unused.</summary>
public sealed class SharedLimitTests
{
    private static readonly Gen<TimeSpan> _skew = Gen.Choose(-600_000, 600_000).Select(ms => TimeSpan.FromMilliseconds(ms));

    [Fact]
    public void However_traffic_and_clocks_are_skewed_no_window_takes_more_than_the_burst_and_what_flows_in()
    {
        var cases =
            from edges in Gen.Choose(1, 6)
            from skews in _skew.ArrayOf(edges)
            from amount in Gen.Choose(1, 2_000)
            from seconds in Gen.Choose(1, 60)
            from burst in Gen.Choose(1, 2_000)
            from steps in (from edge in Gen.Choose(0, edges - 1)
                           // The first edge has most of the traffic.
                           from busy in Gen.Choose(0, 2)
                           from ms in Gen.Frequency((6, Gen.Choose(0, 50)), (1, Gen.Choose(0, 8_000)))
                           from size in Gen.Frequency((5, Gen.Choose(1, 5)), (1, Gen.Choose(1, burst)))
                           from unused in Gen.Choose(-2, size)
                           from what in Gen.Choose(0, 12)
                           select (edge: busy > 0 ? 0 : edge, ms, size, unused, what)).ListOf(250)
            select (skews, amount, seconds, burst, steps: steps.ToArray());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var entry = new LimitEntry { Id = "l", Name = "l", Metric = LimitMetric.TotalTokens, Amount = c.amount, WindowSeconds = c.seconds, Burst = c.burst };
            var all = new SimulatedEdges(entry, c.skews);
            foreach (var edge in all.Edges)
            {
                edge.Exchange();
            }

            foreach (var (at, ms, size, unused, what) in c.steps)
            {
                all.Pass(ms * 1_000L);
                var edge = all.Edges[at];
                switch (what)
                {
                    case 0:
                        edge.Exchange(loseAnswer: true);
                        break;
                    case < 4:
                        foreach (var any in all.Edges)
                        {
                            any.Exchange();
                        }

                        break;
                    default:
                        // Lets the edge be heard first, so that it is not one that counts for itself.
                        edge.Exchange();
                        if (edge.TryTake(size, out _) && unused < 0)
                        {
                            edge.Counter.Settle(size, unused);
                        }
                        else if (unused > 0 && what == 12 && all.Taken.Count > 0 && all.Taken[^1] == (all.Now, size))
                        {
                            edge.Counter.Settle(size, unused);
                            all.Taken[^1] = (all.Now, size - unused);
                        }

                        break;
                }
            }

            LimitCounterTests.AssertBound([.. all.Taken.Select(t => (t.At * TimeSpan.TicksPerMicrosecond, t.Amount))], c.amount, c.seconds, c.burst);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Under_more_traffic_than_there_is_room_for_at_most_a_quarter_of_the_burst_stays_unused()
    {
        var cases =
            from edges in Gen.Choose(1, 6)
            from skews in _skew.ArrayOf(edges)
            from perSecond in Gen.Choose(5, 400)
            from shares in Gen.Choose(0, 100).ArrayOf(edges)
            select (skews, perSecond, shares);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            const int Seconds = 20;
            var entry = new LimitEntry { Id = "l", Name = "l", Amount = c.perSecond * 60L, Burst = c.perSecond * 2L };
            var all = new SimulatedEdges(entry, c.skews);
            c.shares[0] = Math.Max(1, c.shares[0]);
            var shares = c.shares.Sum();
            for (var tick = 0; tick < Seconds * 100; tick++)
            {
                all.Pass(10_000);
                for (var i = 0; i < all.Edges.Length; i++)
                {
                    if (tick % 20 == i)
                    {
                        all.Edges[i].Exchange();
                    }

                    // Twice what there is room for in all, by each edge's share.
                    var wanted = ((tick + 1L) * 2 * c.perSecond * c.shares[i] / (100 * shares)) - (tick * 2L * c.perSecond * c.shares[i] / (100 * shares));
                    for (var n = 0; n < wanted; n++)
                    {
                        all.Edges[i].TryTake(1, out _);
                    }
                }
            }

            var possible = entry.Burst!.Value + ((long)c.perSecond * Seconds);
            var taken = all.Taken.Sum(t => t.Amount);
            var unused = possible - taken;
            // What is held in advance, what has flowed in since the last request, and the burst that the traffic was too slow to need at the end.
            Assert.True(unused <= (entry.Burst / 4) + (c.perSecond / 4) + 5, $"{unused} of {possible} unused, {taken} taken");
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Who_comes_again_after_the_wait_that_was_said_gets_through_when_nobody_else_came()
    {
        var cases =
            from edges in Gen.Choose(1, 4)
            from skews in _skew.ArrayOf(edges)
            from amount in Gen.Choose(1, 500)
            from seconds in Gen.Choose(1, 60)
            from burst in Gen.Choose(2, 500)
            from used in Gen.Choose(1, burst).ArrayOf(6)
            from asked in Gen.Choose(1, burst)
            select (skews, amount, seconds, burst, used, asked);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var entry = new LimitEntry { Id = "l", Name = "l", Metric = LimitMetric.TotalTokens, Amount = c.amount, WindowSeconds = c.seconds, Burst = c.burst };
            var all = new SimulatedEdges(entry, c.skews);
            for (var i = 0; i < c.used.Length; i++)
            {
                var edge = all.Edges[i % all.Edges.Length];
                edge.Exchange();
                edge.TryTake(c.used[i], out _);
                all.Pass(20_000);
            }

            // What others took a moment ago an edge may not know yet.
            all.Pass(60_000);
            var last = all.Edges[0];
            if (last.TryTake(c.asked, out var wait))
            {
                return;
            }

            wait = last.Counter.Honest(wait);
            var micros = (long)Math.Ceiling(wait.TotalMicroseconds);
            for (long passed = 0; passed < micros; passed += 200_000)
            {
                all.Pass(Math.Min(200_000, micros - passed));
                foreach (var edge in all.Edges)
                {
                    edge.Exchange();
                }
            }

            Assert.True(last.TryTake(c.asked, out var again), $"{c.asked} of {c.burst} refused again after {wait}, to wait {again}; nobody has {all.Level("l")}, edges have {string.Join(' ', all.Edges.Select(e => e.Counter.Figures.Left))}; {c.amount} in {c.seconds} s; used {string.Join(' ', c.used)}");
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Concurrent_requests_are_exact_over_all_edges_and_a_dead_edge_gives_its_own_back()
    {
        var cases =
            from edges in Gen.Choose(1, 5)
            from skews in _skew.ArrayOf(edges)
            from limit in Gen.Choose(1, 40)
            from steps in (from edge in Gen.Choose(0, edges - 1) from ms in Gen.Choose(0, 300) from enter in Gen.Choose(0, 2) select (edge, ms, enter)).ListOf(300)
            select (skews, limit, steps: steps.ToArray());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var all = new SimulatedEdges(new LimitEntry { Id = "l", Name = "l", Metric = LimitMetric.ConcurrentRequests, Amount = c.limit }, c.skews);
            var running = new int[c.skews.Length];
            foreach (var (at, ms, enter) in c.steps)
            {
                all.Pass(ms * 1_000L);
                foreach (var any in all.Edges)
                {
                    any.Exchange();
                }

                if (enter > 0 && all.Edges[at].TryTake(1, out _))
                {
                    running[at]++;
                }
                else if (enter == 0 && running[at] > 0)
                {
                    running[at]--;
                    all.Edges[at].Counter.Settle(1, 0);
                }

                Assert.True(running.Sum() <= c.limit, $"{running.Sum()} of {c.limit} at once");
            }

            // All but the first die; its lease passes, and then all places are the first one's.
            for (var i = 0; i < 40; i++)
            {
                all.Pass(200_000);
                all.Edges[0].Exchange();
            }

            while (all.Edges[0].TryTake(1, out _))
            {
                running[0]++;
            }

            all.Pass(1);

            Assert.Equal(c.limit, running[0]);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Without_answers_every_edge_has_its_part_and_with_them_the_whole_is_shared_again()
    {
        var all = new SimulatedEdges(new LimitEntry { Id = "l", Name = "l", Amount = 600 }, [TimeSpan.Zero, TimeSpan.FromHours(3), TimeSpan.FromSeconds(-9)]);
        foreach (var edge in all.Edges)
        {
            edge.Exchange();
            Assert.True(edge.TryTake(1, out _));
        }

        foreach (var edge in all.Edges)
        {
            edge.IsCutOff = true;
        }

        all.Forget();
        all.Taken.Clear();
        for (var i = 0; i < 600; i++)
        {
            all.Pass(100_000);
            foreach (var edge in all.Edges)
            {
                edge.Exchange();
                for (var n = 0; n < 3; n++)
                {
                    edge.TryTake(1, out _);
                }
            }
        }

        // A minute's inflow, and no burst: what was not yet taken out of the whole is nobody's.
        Assert.InRange(all.Taken.Sum(t => t.Amount), 500, 1_200);
        foreach (var edge in all.Edges)
        {
            edge.IsCutOff = false;
            edge.Exchange();
        }

        for (var i = 0; i < 600; i++)
        {
            all.Pass(100_000);
            all.Edges[1].Exchange();
            for (var n = 0; n < 3; n++)
            {
                all.Edges[1].TryTake(1, out _);
            }
        }

        LimitCounterTests.AssertBound([.. all.Taken.Select(t => (t.At * TimeSpan.TicksPerMicrosecond, t.Amount))], 600, 60, 600 + 20);
        var lastMinute = all.Taken.Where(t => t.At > all.Now - 50_000_000).Sum(t => t.Amount);
        Assert.True(lastMinute >= 480, $"{lastMinute} in 50 s by one edge of a limit of ten a second");
    }
}
