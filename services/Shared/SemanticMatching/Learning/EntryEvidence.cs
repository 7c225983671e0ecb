namespace Gateway.SemanticMatching.Learning;

/// <summary>
/// What is known of one entry beyond its domain: how far its questions are better or worse than the verifier says. A threshold of its own, in the sense of vCache,
/// as a shift that is zero without evidence.
/// </summary>
internal sealed class EntryEvidence
{
    // Some questions have neighbours that look alike and differ ("which bus goes to X"), others none: about one unit of log-odds.
    private const double Deviation = 1.0;
    private const int Kept = 16;

    private readonly Queue<(double LogOdds, bool Right)> _outcomes = new();

    public int Right { get; private set; }

    public int Wrong { get; private set; }

    public void Add(double logOdds, bool right)
    {
        Right += right ? 1 : 0;
        Wrong += right ? 0 : 1;
        _outcomes.Enqueue((logOdds, right));
        if (_outcomes.Count > Kept)
        {
            _outcomes.Dequeue();
        }
    }

    /// <summary>The likeliest shift, given the domain's line.</summary>
    public double Shift(Calibration domain)
    {
        var shift = 0.0;
        for (var step = 0; step < 6; step++)
        {
            var precision = 1 / (Deviation * Deviation);
            var gradient = precision * shift;
            foreach (var (logOdds, right) in _outcomes)
            {
                var p = 1 / (1 + Math.Exp(-(domain.Of(logOdds).Mean + shift)));
                gradient += p - (right ? 1 : 0);
                precision += p * (1 - p);
            }

            shift -= Math.Clamp(gradient / precision, -2, 2);
        }

        return shift;
    }
}
