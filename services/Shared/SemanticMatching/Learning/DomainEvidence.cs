namespace Gateway.SemanticMatching.Learning;

/// <summary>
/// What one domain (for example a team's requests of one route) has learnt about right and wrong hits, and the decisions that follow from it. From the idea of
/// vCache (arXiv 2502.03771): the user sets a rate of wrong answers, not a similarity; each entry learns its own threshold; where evidence is too small the request
/// goes upstream, and the answer becomes evidence. Not thread-safe: callers lock.
/// </summary>
public sealed class DomainEvidence
{
    /// <summary>Nothing less likely than this is ever served, whatever the bound.</summary>
    public const double LeastServed = 0.6;

    /// <summary>Outcomes without which nothing is served by meaning.</summary>
    public const int LeastEvidence = 20;

    private const int KeptObservations = 1024;
    private const int KeptEntries = 20_000;
    private const int KeptSamples = 2000;
    private const double Caution = 1.0;
    private const double LeastExplored = 0.2;
    private const int RecoverySamples = 50;

    private readonly Queue<Observation> _observations = new();
    private readonly Dictionary<Guid, EntryEvidence> _entries = [];
    private readonly Calibration _calibration = new();
    private readonly ErrorBudget _budget = new();
    private readonly Queue<bool> _samples = new();
    private readonly Queue<bool> _withheld = new();
    private long _wrongSamples;
    private int _sinceFit;

    /// <summary>Look-ups that compared, or could have.</summary>
    public long Lookups { get; private set; }

    /// <summary>Hits by meaning.</summary>
    public long Hits { get; private set; }

    /// <summary>Outcomes observed.</summary>
    public long Observations { get; private set; }

    /// <summary>The bound of the last look-up.</summary>
    public double Bound { get; private set; } = 0.01;

    /// <summary>True while the measured rate is over the bound.</summary>
    public bool OverBound { get; private set; }

    /// <summary>The least cautious probability that is served at present; above 1 while nothing is.</summary>
    public double Threshold => OverBound || Observations < LeastEvidence ? 2 : _budget.Threshold(Bound);

    /// <summary>The measured rate of wrong hits per look-up.</summary>
    public ErrorEstimate Estimate => EstimateAt(Interval.Z95);

    /// <summary>Counts a look-up that found no candidate.</summary>
    /// <param name="bound">The bound that was asked for.</param>
    public void NoCandidate(double bound)
    {
        Bound = bound;
        Lookups++;
        _budget.Note(0);
    }

    /// <summary>Counts a look-up with a candidate and decides about it. The caller tells of a served hit by <see cref="Served"/>.</summary>
    /// <param name="entry">The candidate.</param>
    /// <param name="logOdds">What the verifier says.</param>
    /// <param name="bound">The bound that was asked for.</param>
    public LearnedVerdict Decide(Guid entry, double logOdds, double bound)
    {
        Bound = bound;
        Lookups++;
        var verdict = Peek(entry, logOdds, bound);
        _budget.Note(verdict.Cautious);
        return verdict;
    }

    /// <summary>The same without counting.</summary>
    /// <inheritdoc cref="Decide" path="/param"/>
    public LearnedVerdict Peek(Guid entry, double logOdds, double bound)
    {
        var (probability, cautious) = Probability(entry, logOdds);
        var threshold = _budget.Threshold(bound);
        var enough = Observations >= LeastEvidence;
        var serve = cautious >= Math.Max(threshold, LeastServed);

        // With evidence on all sides nothing is learnt from far below the threshold.
        var explore = probability >= LeastExplored || (!enough && probability >= LeastExplored / 2);
        var decision = serve && OverBound ? LearnedDecision.OverBound
            : serve && enough ? LearnedDecision.Serve
            : explore ? LearnedDecision.Explore : LearnedDecision.Refuse;
        return new LearnedVerdict(decision, probability, cautious, enough ? threshold : 2, explore || decision == LearnedDecision.OverBound);
    }

    /// <summary>Counts a hit.</summary>
    public void Served() => Hits++;

    /// <summary>Takes in an outcome.</summary>
    /// <param name="observation">The outcome.</param>
    public void Observe(Observation observation)
    {
        Observations++;
        _observations.Enqueue(observation);
        if (_observations.Count > KeptObservations)
        {
            _observations.Dequeue();
        }

        if (!_entries.TryGetValue(observation.Entry, out var entry))
        {
            if (_entries.Count >= KeptEntries)
            {
                _entries.Remove(_entries.Keys.First());
            }

            _entries[observation.Entry] = entry = new EntryEvidence();
        }

        entry.Add(observation.LogOdds, observation.Right);
        if (++_sinceFit > _observations.Count / 64)
        {
            _sinceFit = 0;
            _calibration.Fit(_observations);
        }

        Measure(observation);
    }

    /// <summary>What was observed of one entry.</summary>
    /// <param name="entry">Its id.</param>
    public (int Right, int Wrong) Of(Guid entry) => _entries.TryGetValue(entry, out var evidence) ? (evidence.Right, evidence.Wrong) : (0, 0);

    /// <summary>Counts a look-up that was decided by a fixed threshold.</summary>
    public void Fixed() => Lookups++;

    /// <summary>The outcomes that are kept, oldest first: what must be on disk to learn on after a restart.</summary>
    public IReadOnlyList<Observation> Kept => [.. _observations];

    /// <summary>Sets the counters to what was kept on disk.</summary>
    /// <param name="lookups">Look-ups.</param>
    /// <param name="hits">Hits.</param>
    /// <param name="bound">The last bound.</param>
    /// <param name="overBound">Whether it was over it.</param>
    public void Restore(long lookups, long hits, double bound, bool overBound)
    {
        (Lookups, Hits, Bound) = (Math.Max(Lookups, lookups), Math.Max(Hits, hits), bound);
        OverBound |= overBound;
    }

    private (double Probability, double Cautious) Probability(Guid entry, double logOdds)
    {
        var (mean, deviation) = _calibration.Of(logOdds);

        // The line is fitted on outcomes of all entries: what entries differ by is in it already, and only what is known of this one is added.
        var shift = _entries.TryGetValue(entry, out var evidence) ? evidence.Shift(_calibration) : 0;
        return (Sigmoid(mean + shift), Sigmoid(mean + shift - (Caution * deviation)));
    }

    private void Measure(Observation observation)
    {
        if (observation.Kind == ObservationKind.SampledHit)
        {
            _samples.Enqueue(observation.Right);
            _wrongSamples += observation.Right ? 0 : 1;
            if (_samples.Count > KeptSamples)
            {
                _wrongSamples -= _samples.Dequeue() ? 0 : 1;
            }

            // The lower end, so that one wrong answer among few samples does not switch a good cache off.
            OverBound |= !OverBound && _wrongSamples > 1 && EstimateAt(Interval.Z90OneSided).Low > Bound;
        }
        else if (observation.Kind == ObservationKind.WithheldHit && OverBound)
        {
            _withheld.Enqueue(observation.Right);
            if (_withheld.Count < RecoverySamples)
            {
                return;
            }

            // What would be served now is judged by outcomes since; what was measured before belongs to thresholds that are gone.
            var wrong = _withheld.Count(static r => !r);
            if (wrong * HitShare / _withheld.Count <= Bound)
            {
                OverBound = false;
                _samples.Clear();
                _wrongSamples = 0;
                _withheld.Clear();
            }
            else
            {
                _withheld.Dequeue();
            }
        }
    }

    private double HitShare => Lookups == 0 ? 0 : Math.Min(1, (double)Hits / Lookups);

    private ErrorEstimate EstimateAt(double z)
    {
        var (low, high) = Interval.Wilson(_wrongSamples, _samples.Count, z);
        var share = HitShare;
        return new ErrorEstimate(_samples.Count, _wrongSamples, _samples.Count == 0 ? 0 : (double)_wrongSamples / _samples.Count * share, low * share, high * share);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
