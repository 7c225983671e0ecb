using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Routing;
using Gateway.Routing.Rules;

namespace Gateway.Edge.Tests.Routing;

public sealed class RoutePlannerTests
{
    [Fact]
    public void Weighted_targets_get_their_share()
    {
        var weights = Gen.Choose(0, 20).ArrayOf(4).Where(static w => w.Sum() > 0);
        Prop.ForAll(weights.ToArbitrary(), static w =>
        {
            var route = Route(RouteStrategy.Weighted, [.. w.Select(static (x, i) => new RouteTarget { DeploymentId = $"d{i}", Weight = x })]);
            var first = new int[w.Length];
            const int requests = 4_000;
            for (var i = 0; i < requests; i++)
            {
                // Evenly spread draws instead of random ones: the share is exact but for rounding.
                first[int.Parse(Plan(route, new Request { Draw = (i + 0.5) / requests }).Candidates[0].DeploymentId[1..], System.Globalization.CultureInfo.InvariantCulture)]++;
            }

            return w.Select((x, i) => Math.Abs((first[i] / (double)requests) - (x / (double)w.Sum()))).Max() < 0.01;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_session_stays_where_it_is_unless_its_own_target_goes()
    {
        var names = Enumerable.Range(0, 6).Select(static i => new RouteTarget { DeploymentId = $"d{i}", Weight = i + 1 }).ToArray();
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), Gen.Choose(0, 5).ToArbitrary(), (session, gone) =>
        {
            var before = Plan(Route(RouteStrategy.Sticky, names), new Request { User = session.Get }).Candidates.Select(static c => c.DeploymentId).ToList();
            var after = Plan(Route(RouteStrategy.Sticky, [.. names.Where((_, i) => i != gone)]), new Request { User = session.Get }).Candidates.Select(static c => c.DeploymentId);
            return before.Where(d => d != $"d{gone}").SequenceEqual(after);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Sessions_are_shared_by_weight()
    {
        var route = Route(RouteStrategy.Sticky, [new RouteTarget { DeploymentId = "d0", Weight = 3 }, new RouteTarget { DeploymentId = "d1" }]);
        var first = Enumerable.Range(0, 10_000).Count(i => Plan(route, new Request { User = $"user-{i}" }).Candidates[0].DeploymentId == "d0");
        Assert.InRange(first, 7_300, 7_700);
    }

    [Fact]
    public void A_canary_gets_its_share_of_sessions_always_the_same_ones_and_nobody_else()
    {
        var route = Route(RouteStrategy.Priority, [new RouteTarget { DeploymentId = "d0" }, new RouteTarget { DeploymentId = "c", CanaryPercent = 10 }]);
        var canaries = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var plan = Plan(route, new Request { User = $"user-{i}" });
            Assert.Equal(plan.Candidates.Select(static c => c.DeploymentId), Plan(route, new Request { User = $"user-{i}" }).Candidates.Select(static c => c.DeploymentId));
            if (plan.Candidates[0].DeploymentId == "c")
            {
                canaries++;
                Assert.Equal("d0", plan.Candidates[1].DeploymentId);
            }
            else
            {
                Assert.Equal(SkipKind.Canary, Assert.Single(plan.Skipped).Kind);
            }
        }

        Assert.InRange(canaries, 900, 1_100);
    }

    [Fact]
    public void The_fastest_goes_first_and_the_unknown_is_explored_by_one_call_at_a_time()
    {
        var route = Route(RouteStrategy.LowestLatency, Targets(3));
        var (slow, fast, cold) = (route.Tiers[0][0], route.Tiers[0][1], route.Tiers[0][2]);
        (slow.Latency, fast.Latency) = (300, 100);
        Assert.Equal(["d2", "d1", "d0"], Order(route));
        cold.Busy = 1;
        Assert.Equal(["d1", "d0", "d2"], Order(route));
    }

    [Fact]
    public void The_least_busy_goes_first_and_equals_take_turns()
    {
        var route = Route(RouteStrategy.LeastInFlight, Targets(3));
        (route.Tiers[0][0].Busy, route.Tiers[0][1].Busy, route.Tiers[0][2].Busy) = (2, 0, 1);
        Assert.Equal(["d1", "d2", "d0"], Order(route));
        (route.Tiers[0][0].Busy, route.Tiers[0][2].Busy) = (0, 0);
        Assert.Equal(3, Enumerable.Range(0, 3).Select(_ => Order(route)[0]).Distinct().Count());
    }

    [Fact]
    public void The_cheapest_goes_first_and_the_unpriced_last()
    {
        var route = Route(RouteStrategy.LowestCost, Targets(3));
        (route.Tiers[0][0].Price, route.Tiers[0][2].Price) = (5, 3);
        Assert.Equal(["d2", "d0", "d1"], Order(route));
    }

    [Fact]
    public void Lower_priorities_come_after_all_higher_ones()
    {
        var route = Route(RouteStrategy.LowestCost, [new RouteTarget { DeploymentId = "d0", Priority = 1 }, new RouteTarget { DeploymentId = "d1" }, new RouteTarget { DeploymentId = "d2" }]);
        (route.Tiers[1][0].Price, route.Tiers[0][0].Price, route.Tiers[0][1].Price) = (1, 9, 8);
        Assert.Equal(["d2", "d1", "d0"], Order(route));
    }

    [Fact]
    public void What_may_not_or_cannot_be_called_is_left_out_with_its_reason()
    {
        var route = Route(RouteStrategy.Priority, Targets(4));
        (route.Tiers[0][0].Down, route.Tiers[0][1].Soft, route.Tiers[0][3].Provider) = ("broken", true, "other");
        route.Tiers[0][1].Down = "failed often";
        var plan = Plan(route, new Request());
        Assert.Equal(["d2", "d1"], plan.Candidates.Select(static c => c.DeploymentId));
        Assert.Equal([("d0", SkipKind.Unavailable), ("d3", SkipKind.Forbidden)], plan.Skipped.Select(static s => (s.DeploymentId, s.Kind)));
    }

    [Fact]
    public void The_first_rule_that_decides_wins_and_earlier_ones_may_set_attributes()
    {
        var entry = new RouteEntry
        {
            Name = "r",
            Targets = Targets(3),
            Rules =
            [
                new RouteRule { When = "tokens > 10", Set = new Dictionary<string, string> { ["size"] = "large" } },
                new RouteRule { Name = "big", When = "attribute[\"size\"] == \"large\"", Targets = ["d2", "d1"] },
                new RouteRule { When = "true", Route = "elsewhere" },
            ],
        };
        var large = Plan(Route(entry), new Request { Tokens = 11 });
        Assert.Equal(("big", "d1 d2", null), (large.Rule, string.Join(' ', large.Candidates.Select(static c => c.DeploymentId)), large.Redirect));
        var small = Plan(Route(entry), new Request { Tokens = 10 });
        Assert.Equal(("rule 3", "elsewhere", 0), (small.Rule, small.Redirect, small.Candidates.Count));
    }

    [Fact]
    public void Shadows_are_never_candidates()
    {
        var route = Route(RouteStrategy.Priority, [new RouteTarget { DeploymentId = "d0" }, new RouteTarget { DeploymentId = "s", ShadowPercent = 50 }]);
        Assert.Equal(["s"], Plan(route, new Request { Draw = 0.49 }).Shadows.Select(static s => s.DeploymentId));
        Assert.Empty(Plan(route, new Request { Draw = 0.51 }).Shadows);
        Assert.Equal(["d0"], Order(route));
    }

    [Theory]
    [InlineData("gpt-*-mini", "gpt-4-mini", true, "4")]
    [InlineData("gpt-*-mini", "gpt-mini", false, "")]
    [InlineData("*", "", true, "")]
    [InlineData("*/x", "a/b/x", true, "a/b")]
    [InlineData("exact", "exact", true, "")]
    public void One_star_stands_for_anything_anywhere(string pattern, string name, bool matches, string part)
    {
        Assert.Equal(matches, new NamePattern(pattern).Matches(name, out var wildcard));
        Assert.Equal(part, matches ? name[wildcard] : "");
    }

    private static List<string> Order(TestRoute route) => [.. Plan(route, new Request()).Candidates.Select(static c => c.DeploymentId)];

    private static RoutePlan<Target> Plan(TestRoute route, Request request) => RoutePlanner.Plan(route, request);

    private static RouteTarget[] Targets(int count) => [.. Enumerable.Range(0, count).Select(static i => new RouteTarget { DeploymentId = $"d{i}" })];

    private static TestRoute Route(RouteStrategy strategy, RouteTarget[] targets) => Route(new RouteEntry { Name = "r", Strategy = strategy, Targets = targets });

    private static TestRoute Route(RouteEntry entry)
    {
        Assert.Empty(RouteCheck.Problems(entry));
        return new TestRoute(entry, [.. entry.Targets.Select(static t => new Target(t))]);
    }

    private sealed class TestRoute(RouteEntry entry, IReadOnlyList<Target> targets) : PlanRoute<Target>(entry, targets);

    private sealed class Target(RouteTarget entry) : PlanTarget(entry, "p")
    {
        public int Busy { get; set; }

        public double? Latency { get; set; }

        public long? Price { get; set; }

        public string? Down { get; set; }

        public bool Soft { get; set; }

        public string Provider { get; set; } = "p";

        public override int InFlight => Busy;

        public override double? FirstTokenMs => Latency;

        public override bool IsLastResort => Soft;

        public override string? Unavailable(out DateTimeOffset? until)
        {
            until = null;
            return Down;
        }
    }

    private sealed class Request : IPlanRequest<Target>
    {
        private readonly Dictionary<string, string> _attributes = [];

        public string User { get; init; } = "";

        public double Tokens { get; init; }

        public double Draw { get; init; }

        public DateTimeOffset Now => DateTimeOffset.UnixEpoch;

        public string Text(TextFact fact) => fact switch { TextFact.User => User, TextFact.Key => "k", _ => "" };

        public double Number(NumberFact fact) => Tokens;

        public bool Flag(FlagFact fact) => false;

        public string Header(string name) => "";

        public string Metadata(string name) => "";

        public string Attribute(string name) => _attributes.GetValueOrDefault(name) ?? "";

        public bool Allows(Target target) => target.Provider == "p";

        public long? Cost(Target target) => target.Price;

        public double Random() => Draw;

        public void SetAttribute(string name, string value) => _attributes[name] = value;
    }
}
