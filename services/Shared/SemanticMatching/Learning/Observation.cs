namespace Gateway.SemanticMatching.Learning;

/// <summary>What came of comparing a stored answer with a fresh one.</summary>
/// <param name="Entry">The entry whose answer was compared.</param>
/// <param name="LogOdds">What the verifier had said of the two questions.</param>
/// <param name="Right">True when the stored answer was as good as the fresh one.</param>
/// <param name="Kind">How it came about.</param>
public readonly record struct Observation(Guid Entry, double LogOdds, bool Right, ObservationKind Kind);

/// <summary>How an observation came about. The numbers are on disk.</summary>
public enum ObservationKind
{
    /// <summary>The request went upstream for want of evidence.</summary>
    Explored = 1,

    /// <summary>A hit that was served and drawn at random to be measured.</summary>
    SampledHit = 2,

    /// <summary>It would have been served, but the domain was over its bound, or only watched.</summary>
    WithheldHit = 3,

    /// <summary>Somebody said so of a hit: evidence, but not drawn at random and so not part of the measured rate.</summary>
    Reported = 4,
}

/// <summary>A measured rate of wrong hits per look-up, with its 95 % confidence interval.</summary>
/// <param name="Samples">Hits that were compared.</param>
/// <param name="Wrong">Those that were wrong.</param>
/// <param name="Rate">Wrong hits per look-up.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct ErrorEstimate(long Samples, long Wrong, double Rate, double Low, double High);

/// <summary>What a domain says about a candidate.</summary>
/// <param name="Decision">What to do.</param>
/// <param name="Probability">The learnt probability that the stored answer is right.</param>
/// <param name="Cautious">Its cautious lower end, by which is decided.</param>
/// <param name="Threshold">The least cautious probability that is served; above 1 while nothing is.</param>
/// <param name="WantsEvidence">True where comparing with a fresh answer would teach something.</param>
public readonly record struct LearnedVerdict(LearnedDecision Decision, double Probability, double Cautious, double Threshold, bool WantsEvidence);

/// <summary>What to do with a candidate.</summary>
public enum LearnedDecision
{
    /// <summary>Serve the stored answer.</summary>
    Serve,

    /// <summary>It is not likely enough, and more evidence of this domain would not change that.</summary>
    Refuse,

    /// <summary>The evidence does not reach: go upstream and compare.</summary>
    Explore,

    /// <summary>It would have been served, but the measured rate is over the bound.</summary>
    OverBound,
}
