using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Reconciliation.Comparison;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Tests.Reconciliation;

/// <summary>Whatever ledger and bill say, the parts of their difference add up to it.</summary>
public sealed class ExplanationTests
{
    [Fact]
    public void The_parts_add_up_to_the_difference()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var days = random.Next(1, 4);
            var ledger = new List<LedgerSlice>();
            var lines = new List<ProviderLine>();
            for (var i = random.Next(6); i > 0; i--)
            {
                ledger.Add(new LedgerSlice(new Place(random.Next(days) * UsageTime.Day, "p", One(random, "gpt-4o", "gpt-4o-2024-08-06", "other"), One(random, "", "c1", "c2")), Side(random)));
            }

            for (var i = random.Next(8); i > 0; i--)
            {
                lines.Add(new ProviderLine("p", new BilledLine
                {
                    Day = random.Next(days) * UsageTime.Day, Model = One(random, "gpt-4o", "GPT 4o", "other", ""), CredentialId = One(random, "", "c1", "c2"), Unit = (BilledUnit)random.Next(BilledUnits.Count),
                    Quantity = random.Next(4) == 0 ? null : Any(random), NanoUsd = Any(random) * (random.Next(9) == 0 ? -1 : 1), Tolerance = random.Next(1000),
                }));
            }

            var (recorded, billed) = (ledger.Sum(l => l.Side.NanoUsd), lines.Sum(l => l.Line.NanoUsd));
            var compared = Comparer.Compare(ledger, lines);

            Assert.Equal(recorded, compared.Sum(c => c.Ledger.NanoUsd));
            Assert.Equal(billed, compared.Sum(c => c.Billed.NanoUsd));
            Assert.Equal(ledger.Select(l => l.Place).Distinct().Count(), compared.SelectMany(c => c.Sources).Distinct().Count());
            Assert.All(compared, c => Assert.Equal(c.Billed.NanoUsd - c.Ledger.NanoUsd, c.Explanation.Parts().Sum(p => p.NanoUsd)));
        }
    }

    [Fact]
    public void Estimates_prices_and_quantities_are_told_apart()
    {
        // Billed at 3 a token: 1,000 as recorded, 40 of a request that was cut and estimated with 70; the ledger's price is 2.
        var ledger = new LedgerSide { Requests = 11, EstimatedRequests = 1, ExactNanoUsd = 2000, EstimatedNanoUsd = 140 };
        ledger.Exact[(int)BilledUnit.Output] = 1000;
        ledger.Estimated[(int)BilledUnit.Output] = 70;
        ledger.PerMillion[(int)BilledUnit.Output] = 2_000_000;

        var compared = Compare(ledger, Line(BilledUnit.Output, 1040, 3120));

        Assert.Equal([(DifferenceClass.Estimated, -20L), (DifferenceClass.Price, 1000L)], compared.Explanation.Parts().Select(p => (p.Class, p.NanoUsd)));
        Assert.Equal([(BilledUnit.Output, 2_000_000L, 3_000_000L)], compared.Explanation.Prices());
    }

    [Fact]
    public void Cache_writes_of_the_other_lifetime_are_a_class_of_their_own()
    {
        var ledger = new LedgerSide { Requests = 1, ExactNanoUsd = 100 * 4 };
        ledger.Exact[(int)BilledUnit.CacheWrite] = 100;
        ledger.PerMillion[(int)BilledUnit.CacheWrite] = 4_000_000;

        var compared = Compare(ledger, Line(BilledUnit.CacheWrite, 60, 240), Line(BilledUnit.CacheWriteHour, 40, 320));

        var part = Assert.Single(compared.Explanation.Parts());
        Assert.Equal((DifferenceClass.CacheLifetime, 160L, 40L), (part.Class, part.NanoUsd, part.Quantity));
    }

    [Fact]
    public void What_one_day_lacks_and_the_next_has_is_the_edge_of_days()
    {
        var (first, second) = (Exact(100, 200), Exact(50, 100));
        var compared = Comparer.Compare(
            [new LedgerSlice(new Place(0, "p", "m", ""), first), new LedgerSlice(new Place(UsageTime.Day, "p", "m", ""), second)],
            [new ProviderLine("p", Line(BilledUnit.Output, 90, 180)), new ProviderLine("p", Line(BilledUnit.Output, 60, 120) with { Day = UsageTime.Day })]);

        Assert.Equal([(DifferenceClass.DayEdge, -20L), (DifferenceClass.DayEdge, 20L)], compared.SelectMany(c => c.Explanation.Parts()).Select(p => (p.Class, p.NanoUsd)));
    }

    [Fact]
    public void One_side_alone_is_not_billed_or_did_not_come_through_the_gateway()
    {
        var compared = Comparer.Compare(
            [new LedgerSlice(new Place(0, "p", "a", ""), Exact(100, 200))],
            [new ProviderLine("p", Line(BilledUnit.Output, 5, 10) with { Model = "b" })]);

        Assert.Equal([(DifferenceClass.NotBilled, -200L), (DifferenceClass.NotThroughGateway, 10L)], compared.SelectMany(c => c.Explanation.Parts()).Select(p => (p.Class, p.NanoUsd)));
    }

    [Theory]
    [InlineData("us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet")]
    [InlineData("Claude3.5Sonnet", "anthropic/claude-3-5-sonnet@20241022")]
    [InlineData("gpt-4o-2024-08-06", "openai/gpt-4o")]
    [InlineData("gpt 4o", "GPT-4o")]
    public void Models_are_found_under_all_their_names(string one, string other) => Assert.Equal(BilledModels.Key(one), BilledModels.Key(other));

    private static Compared Compare(LedgerSide ledger, params BilledLine[] lines)
        => Assert.Single(Comparer.Compare([new LedgerSlice(new Place(0, "p", "m", ""), ledger)], [.. lines.Select(l => new ProviderLine("p", l))]));

    private static BilledLine Line(BilledUnit unit, long quantity, long nanoUsd) => new() { Day = 0, Model = "m", Unit = unit, Quantity = quantity, NanoUsd = nanoUsd };

    private static LedgerSide Exact(long output, long cost)
    {
        var side = new LedgerSide { Requests = 1, ExactNanoUsd = cost };
        side.Exact[(int)BilledUnit.Output] = output;
        side.PerMillion[(int)BilledUnit.Output] = 2_000_000;
        return side;
    }

    private static LedgerSide Side(Random random)
    {
        var side = new LedgerSide { Requests = random.Next(3), EstimatedRequests = random.Next(2), UnpricedRequests = random.Next(2), ExactNanoUsd = Any(random), EstimatedNanoUsd = Any(random) };
        foreach (var quantities in (long[][])[side.Exact, side.Estimated, side.Unpriced])
        {
            for (var i = 1; i < BilledUnits.Count; i++)
            {
                quantities[i] = random.Next(3) == 0 ? Any(random) : 0;
            }
        }

        for (var i = 1; i < BilledUnits.Count; i++)
        {
            side.PerMillion[i] = random.Next(2) == 0 ? null : Any(random);
        }

        return side;
    }

    private static long Any(Random random) => random.Next(5) switch { 0 => 0, 1 => random.NextInt64(100_000_000_000_000), _ => random.Next(100_000) };

    private static string One(Random random, params string[] of) => of[random.Next(of.Length)];
}
