namespace Gateway.SemanticMatching.Learning;

/// <summary>
/// The least probability that may be served so that the expected wrong hits of late stay below the bound: of the latest look-ups those with the highest
/// probabilities are served as long as what is expected to be wrong among them, over all look-ups, is allowed.
/// </summary>
internal sealed class ErrorBudget
{
    private const int Window = 1024;
    private const int RecomputeEvery = 16;

    // What is expected is an estimate itself; a fifth of the bound is left for its error.
    private const double Reserve = 0.8;

    private readonly float[] _latest = new float[Window];
    private int _count;
    private int _next;
    private int _sinceComputed = RecomputeEvery;
    private double _threshold = 2;
    private double _bound;

    /// <summary>Notes a look-up's cautious probability, 0 where there was no candidate.</summary>
    public void Note(double probability)
    {
        _latest[_next] = (float)probability;
        _next = (_next + 1) % Window;
        _count = Math.Min(_count + 1, Window);
        _sinceComputed++;
    }

    public double Threshold(double bound)
    {
        if (_sinceComputed < RecomputeEvery && bound == _bound)
        {
            return _threshold;
        }

        _sinceComputed = 0;
        _bound = bound;
        var sorted = _latest[.._count];
        Array.Sort(sorted);
        var (expected, allowed) = (0.0, bound * Reserve * _count);
        _threshold = 2;
        for (var i = _count - 1; i >= 0 && sorted[i] >= DomainEvidence.LeastServed; i--)
        {
            expected += 1 - sorted[i];
            if (expected > allowed)
            {
                break;
            }

            _threshold = sorted[i];
        }

        // Without late candidates the bound itself says what may be served.
        _threshold = Math.Min(_threshold, 1 - (bound * Reserve));
        return _threshold;
    }
}
