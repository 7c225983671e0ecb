namespace Gateway.SemanticMatching.Learning;

/// <summary>
/// A line from the verifier's log-odds to a domain's own, learnt from outcomes: mean and covariance of slope and intercept, by Newton steps on the logistic
/// likelihood with a prior that says "about as trained". The prior is what the trained model is worth elsewhere, not certainty.
/// </summary>
internal sealed class Calibration
{
    private const double PriorSlope = 1;
    private const double PriorSlopeDeviation = 0.4;
    private const double PriorInterceptDeviation = 0.8;
    private const int Steps = 8;

    private (double SS, double SI, double II) _covariance = (PriorSlopeDeviation * PriorSlopeDeviation, 0, PriorInterceptDeviation * PriorInterceptDeviation);

    public double Slope { get; private set; } = PriorSlope;

    public double Intercept { get; private set; }

    /// <summary>Log-odds in this domain and their standard deviation.</summary>
    public (double Mean, double Deviation) Of(double logOdds)
    {
        var variance = (logOdds * logOdds * _covariance.SS) + (2 * logOdds * _covariance.SI) + _covariance.II;
        return ((Slope * logOdds) + Intercept, Math.Sqrt(Math.Max(0, variance)));
    }

    public void Fit(IReadOnlyCollection<Observation> observations)
    {
        var (slope, intercept) = (Slope, Intercept);
        var (a, b, c) = (0.0, 0.0, 0.0);
        for (var step = 0; step < Steps; step++)
        {
            (a, c, b) = (1 / (PriorSlopeDeviation * PriorSlopeDeviation), 1 / (PriorInterceptDeviation * PriorInterceptDeviation), 0);
            var gradientSlope = a * (slope - PriorSlope);
            var gradientIntercept = c * intercept;
            foreach (var o in observations)
            {
                var p = 1 / (1 + Math.Exp(-((slope * o.LogOdds) + intercept)));
                var error = p - (o.Right ? 1 : 0);
                var weight = p * (1 - p);
                gradientSlope += error * o.LogOdds;
                gradientIntercept += error;
                a += weight * o.LogOdds * o.LogOdds;
                b += weight * o.LogOdds;
                c += weight;
            }

            var determinant = (a * c) - (b * b);
            var (moveSlope, moveIntercept) = (((c * gradientSlope) - (b * gradientIntercept)) / determinant, ((a * gradientIntercept) - (b * gradientSlope)) / determinant);

            // A full step can overshoot where outcomes are all alike.
            slope -= Math.Clamp(moveSlope, -1, 1);
            intercept -= Math.Clamp(moveIntercept, -2, 2);
        }

        // A falling line would make worse pairs better: no evidence is strong enough for that.
        Slope = Math.Max(0.05, slope);
        Intercept = intercept;
        var final = (a * c) - (b * b);
        _covariance = (c / final, -b / final, a / final);
    }
}
