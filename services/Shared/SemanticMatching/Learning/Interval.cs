namespace Gateway.SemanticMatching.Learning;

/// <summary>Confidence intervals of a share.</summary>
public static class Interval
{
    /// <summary>Two-sided 95 %.</summary>
    public const double Z95 = 1.959964;

    /// <summary>One-sided 90 %.</summary>
    public const double Z90OneSided = 1.281552;

    /// <summary>Wilson's score interval, which holds for few samples and for shares near 0 and 1.</summary>
    /// <param name="hits">0 to <paramref name="samples"/>.</param>
    /// <param name="samples">0 or more; with none the interval is 0 to 1.</param>
    /// <param name="z">Standard deviations of the normal distribution, for example <see cref="Z95"/>.</param>
    public static (double Low, double High) Wilson(long hits, long samples, double z = Z95)
    {
        if (samples <= 0)
        {
            return (0, 1);
        }

        var share = (double)hits / samples;
        var square = z * z;
        var middle = (share + (square / (2 * samples))) / (1 + (square / samples));
        var half = z / (1 + (square / samples)) * Math.Sqrt((share * (1 - share) / samples) + (square / (4.0 * samples * samples)));
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
