namespace Gateway.Edge.Configuration.Schema;

/// <summary>Guesses what was meant by a misspelt name.</summary>
internal static class Nearest
{
    private const int LongestCompared = 64;

    /// <summary>The candidate nearest to a name, or null when none is near.</summary>
    public static string? To(string name, IEnumerable<string> candidates)
    {
        if (name.Length is 0 or > LongestCompared)
        {
            return null;
        }

        string? best = null;
        var bestDistance = Math.Max(2, name.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            if (Math.Abs(candidate.Length - name.Length) < bestDistance && Distance(name, candidate) is var distance && distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    private static int Distance(string a, string b)
    {
        Span<int> previous = stackalloc int[LongestCompared * 2];
        Span<int> current = stackalloc int[LongestCompared * 2];
        for (var j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                current[j] = Math.Min(Math.Min(current[j - 1], previous[j]) + 1, previous[j - 1] + (same ? 0 : 1));
            }

            var swap = previous;
            previous = current;
            current = swap;
        }

        return previous[b.Length];
    }
}
