using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Embedding;
using Gateway.SemanticCache.Storing;
using Gateway.SemanticMatching.Learning;
using Gateway.SemanticMatching.Questions;
using Gateway.SemanticMatching.Scoring;

namespace Gateway.SemanticCache.Deciding;

/// <summary>What is decided about a candidate.</summary>
internal readonly record struct CacheVerdict(CacheOutcome Outcome, string? Reason, double Probability, bool Verify, ObservationKind Kind, bool WouldHit = false);

/// <summary>Decides by policy and evidence whether a candidate is served.</summary>
internal sealed class Decider(IEmbeddingSource source, TimeProvider time)
{
    /// <summary>Below this cosine nobody has seen two questions with the same answer.</summary>
    public const float LeastCosine = 0.4f;

    /// <summary>Log-odds of texts that are the same but for case and spaces.</summary>
    public const double SameText = 6;

    private const double NearMissFrom = 0.3;

    // With this many outcomes a domain needs no more than a share of what it could have.
    private const int PlentyOfEvidence = 200;
    private const double ShareOfPlenty = 0.1;

    /// <summary>What the verifier says of two questions.</summary>
    public double LogOdds(QuestionText question, float[] vector, Candidate candidate)
    {
        var vectors = source.IsBuiltIn;
        return SameAnswerModel.Default.LogOdds(
            question, QuestionText.Read(candidate.Entry.Text), candidate.Cosine, vectors ? vector : default, vectors ? candidate.Entry.Vector : default);
    }

    /// <summary>Decides about texts that are the same but for case and spaces.</summary>
    public CacheVerdict SameTexts(Domain domain, CacheMatchPolicy policy, Guid entry, bool identical)
    {
        var (right, wrong, over) = domain.With(e =>
        {
            e.Fixed();
            var (r, w) = e.Of(entry);
            return (r, w, e.OverBound);
        });
        var learned = policy.Mode is CacheMatchMode.Learned or CacheMatchMode.Shadow;
        if (learned && !identical && (over || wrong > right))
        {
            return new CacheVerdict(CacheOutcome.Uncertain, over ? CacheReasons.OverBound : CacheReasons.NeedsEvidence, 0.5, true, ObservationKind.WithheldHit);
        }

        return Serve(domain, policy, CacheReasons.SameText, 1);
    }

    public CacheVerdict Candidate(Domain domain, CacheMatchPolicy policy, Candidate candidate, double logOdds)
    {
        var probability = SameAnswerModel.Probability(logOdds);
        if (policy.Mode is CacheMatchMode.Threshold or CacheMatchMode.Verified)
        {
            domain.With(static e => e.Fixed());
            var value = policy.Mode == CacheMatchMode.Threshold ? candidate.Cosine : probability;
            if (value >= policy.Threshold)
            {
                return Serve(domain, policy, null, probability);
            }

            Note(domain, candidate, probability);
            return new CacheVerdict(CacheOutcome.Miss, CacheReasons.NotSame, probability, false, ObservationKind.Explored);
        }

        var (verdict, plenty) = domain.With(e => (e.Decide(candidate.Entry.Id, logOdds, policy.MaxWrongHitRate), e.Observations >= PlentyOfEvidence));
        if (verdict.Decision == LearnedDecision.Serve)
        {
            return Serve(domain, policy, null, verdict.Probability);
        }

        Note(domain, candidate, verdict.Probability);
        return verdict.Decision switch
        {
            LearnedDecision.OverBound => new CacheVerdict(CacheOutcome.Uncertain, CacheReasons.OverBound, verdict.Probability, true, ObservationKind.WithheldHit),
            LearnedDecision.Explore => new CacheVerdict(
                CacheOutcome.Uncertain, CacheReasons.NeedsEvidence, verdict.Probability,
                verdict.WantsEvidence && (!plenty || Random.Shared.NextDouble() < ShareOfPlenty), ObservationKind.Explored),
            _ => new CacheVerdict(CacheOutcome.Miss, CacheReasons.NotSame, verdict.Probability, false, ObservationKind.Explored),
        };
    }

    private CacheVerdict Serve(Domain domain, CacheMatchPolicy policy, string? reason, double probability)
    {
        domain.With(static e => e.Served());
        if (policy.Mode == CacheMatchMode.Shadow)
        {
            // Every request goes upstream anyway: all that would have been served is measured.
            return new CacheVerdict(CacheOutcome.Miss, CacheReasons.ShadowMode, probability, true, ObservationKind.SampledHit, WouldHit: true);
        }

        return new CacheVerdict(CacheOutcome.Hit, reason, probability, domain.Draw(policy, time.GetUtcNow().ToUnixTimeSeconds()), ObservationKind.SampledHit);
    }

    private void Note(Domain domain, Candidate candidate, double probability)
    {
        if (probability >= NearMissFrom)
        {
            domain.NearMiss(new CacheNearMiss { EntryId = candidate.Entry.Id.ToString("N"), Similarity = candidate.Cosine, Probability = probability, At = time.GetUtcNow() });
        }
    }
}
