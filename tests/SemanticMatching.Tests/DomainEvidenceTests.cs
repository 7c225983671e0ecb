using Gateway.SemanticMatching.Learning;

namespace Gateway.SemanticMatching.Tests;

public sealed class DomainEvidenceTests
{
    private static readonly Guid Entry = new("00000000-0000-0000-0000-000000000001");

    [Fact]
    public void Without_evidence_nothing_is_served_and_evidence_is_wanted()
    {
        var domain = new DomainEvidence();
        var verdict = domain.Decide(Entry, 5, 0.01);
        Assert.Equal(LearnedDecision.Explore, verdict.Decision);
        Assert.True(verdict.WantsEvidence);
        Assert.True(domain.Threshold > 1);
    }

    [Theory]
    [InlineData(0.005, 0.0)]
    [InlineData(0.01, 0.0)]
    [InlineData(0.02, 0.0)]
    [InlineData(0.01, -1.5)]
    [InlineData(0.01, -3.0)]
    [InlineData(0.05, 1.5)]
    public void The_bound_holds_whether_the_verifier_is_right_or_much_too_sure(double bound, double truthShift)
    {
        // Candidates whose true log-odds differ from what the verifier says by a constant, as in a domain unlike the one that it was trained on.
        var random = new Random(11);
        var domain = new DomainEvidence();
        var (wrong, hits, lookups) = (0, 0, 30_000);
        for (var i = 0; i < lookups; i++)
        {
            if (random.NextDouble() < 0.3)
            {
                domain.NoCandidate(bound);
                continue;
            }

            var said = (random.NextDouble() * 12) - 6;
            var entry = new Guid(random.Next(200), 0, 0, new byte[8]);
            var right = random.NextDouble() < 1 / (1 + Math.Exp(-(said + truthShift)));
            var verdict = domain.Decide(entry, said, bound);
            if (verdict.Decision == LearnedDecision.Serve)
            {
                domain.Served();
                hits++;
                wrong += right ? 0 : 1;
                if (random.NextDouble() < 0.01)
                {
                    domain.Observe(new Observation(entry, said, right, ObservationKind.SampledHit));
                }
            }
            else if (verdict.WantsEvidence && (i < 1000 || random.NextDouble() < 0.1))
            {
                domain.Observe(new Observation(entry, said, right, verdict.Decision == LearnedDecision.OverBound ? ObservationKind.WithheldHit : ObservationKind.Explored));
            }
        }

        Assert.True((double)wrong / lookups <= bound, $"{wrong} wrong of {lookups}, bound {bound}, {hits} hits");
        Assert.True(hits > lookups / 50, $"{hits} hits");
    }

    [Fact]
    public void A_domain_over_its_bound_serves_nothing_until_outcomes_are_good_again()
    {
        var domain = Learned();
        for (var i = 0; i < 200; i++)
        {
            Assert.True(domain.Decide(Guid.NewGuid(), 5, 0.01).Decision is LearnedDecision.Serve or LearnedDecision.Explore);
            domain.Served();
        }

        for (var i = 0; i < 10; i++)
        {
            domain.Observe(new Observation(Guid.NewGuid(), 5, false, ObservationKind.SampledHit));
        }

        Assert.True(domain.OverBound);
        Assert.NotEqual(LearnedDecision.Serve, domain.Decide(Guid.NewGuid(), 6, 0.01).Decision);
        for (var i = 0; i < 200 && domain.OverBound; i++)
        {
            domain.Observe(new Observation(Guid.NewGuid(), 5, true, ObservationKind.WithheldHit));
        }

        Assert.False(domain.OverBound);
    }

    [Fact]
    public void An_entry_that_was_wrong_needs_more_than_others()
    {
        var domain = Learned();
        var before = domain.Peek(Entry, 3, 0.05);
        domain.Observe(new Observation(Entry, 3, false, ObservationKind.Explored));
        domain.Observe(new Observation(Entry, 3, false, ObservationKind.Explored));
        var after = domain.Peek(Entry, 3, 0.05);
        Assert.True(after.Cautious < before.Cautious - 0.1, $"{before.Cautious} {after.Cautious}");
        Assert.True(domain.Peek(Guid.NewGuid(), 3, 0.05).Cautious > after.Cautious + 0.05);
        Assert.Equal((0, 2), domain.Of(Entry));
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 100, 0, 0.037)]
    [InlineData(5, 100, 0.0215, 0.1118)]
    [InlineData(50, 100, 0.404, 0.596)]
    public void Intervals_are_Wilsons(long hits, long samples, double low, double high)
    {
        var interval = Interval.Wilson(hits, samples);
        Assert.Equal(low, interval.Low, 3);
        Assert.Equal(high, interval.High, 3);
    }

    [Fact]
    public void The_estimate_is_per_look_up()
    {
        var domain = Learned();
        for (var i = 0; i < 100; i++)
        {
            domain.NoCandidate(0.1);
        }

        for (var i = 0; i < 100; i++)
        {
            domain.Fixed();
            domain.Served();
            domain.Observe(new Observation(Entry, 4, i % 20 != 0, ObservationKind.SampledHit));
        }

        var estimate = domain.Estimate;
        Assert.Equal((100, 5), (estimate.Samples, estimate.Wrong));
        Assert.Equal(0.05 * domain.Hits / domain.Lookups, estimate.Rate, 6);
        Assert.InRange(estimate.Rate, estimate.Low, estimate.High);
    }

    private static DomainEvidence Learned()
    {
        var domain = new DomainEvidence();
        for (var i = 0; i < 300; i++)
        {
            domain.Observe(new Observation(Guid.NewGuid(), 4, i % 50 != 0, ObservationKind.Explored));
            domain.Observe(new Observation(Guid.NewGuid(), -4, i % 50 == 0, ObservationKind.Explored));
        }

        return domain;
    }
}
