using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Pairs;

/// <summary>Whether two questions say the same words in another order.</summary>
internal static class OrderOf
{
    private const int MaxWords = 64;

    /// <summary>Share of the pairs of common words that stand the other way round, 0 to 1.</summary>
    public static float Inversions(IReadOnlyList<Word> a, IReadOnlyList<Word> b)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(b.Count, MaxWords); i++)
        {
            places.TryAdd(b[i].Stem, i);
        }

        var order = a.Take(MaxWords).Select(static w => w.Stem).Distinct(StringComparer.Ordinal).Where(places.ContainsKey).Select(w => places[w]).ToArray();
        if (order.Length < 2)
        {
            return 0;
        }

        var turned = 0;
        for (var i = 0; i < order.Length; i++)
        {
            for (var j = i + 1; j < order.Length; j++)
            {
                turned += order[i] > order[j] ? 1 : 0;
            }
        }

        return turned / (order.Length * (order.Length - 1) / 2f);
    }

    /// <summary>True where one text becomes the other by exchanging two content words that are not merely listed.</summary>
    public static bool Exchanged(IReadOnlyList<Word> a, IReadOnlyList<Word> b)
    {
        if (a.Count != b.Count)
        {
            return false;
        }

        var (first, second) = (-1, -1);
        for (var i = 0; i < a.Count; i++)
        {
            if (string.Equals(a[i].Stem, b[i].Stem, StringComparison.Ordinal))
            {
                continue;
            }

            if (second >= 0)
            {
                return false;
            }

            (first, second) = first < 0 ? (i, -1) : (first, i);
        }

        if (second < 0 || a[first].Kind == WordKind.Function || a[second].Kind == WordKind.Function
            || !string.Equals(a[first].Stem, b[second].Stem, StringComparison.Ordinal) || !string.Equals(a[second].Stem, b[first].Stem, StringComparison.Ordinal))
        {
            return false;
        }

        for (var i = first + 1; i < second; i++)
        {
            if (a[i].Text is "and" or "or" or "vs" or "versus")
            {
                return false;
            }
        }

        return second > first + 1;
    }

    /// <summary>True for "from A to B" against "from B to A": two content words around a preposition change places.</summary>
    public static bool ArgumentsSwapped(QuestionText a, QuestionText b)
    {
        foreach (var (left, between, right) in Triples(a))
        {
            foreach (var (otherLeft, otherBetween, otherRight) in Triples(b))
            {
                if (string.Equals(left, otherRight, StringComparison.Ordinal) && string.Equals(right, otherLeft, StringComparison.Ordinal)
                    && string.Equals(between, otherBetween, StringComparison.Ordinal) && !string.Equals(left, right, StringComparison.Ordinal)
                    && between is not ("and" or "or" or "vs" or "versus"))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static IEnumerable<(string Left, string Between, string Right)> Triples(QuestionText text)
    {
        string? left = null;
        string? between = null;
        foreach (var word in text.Words.Take(MaxWords))
        {
            if (word.Text is "to" or "into" or "from" or "than" or "of" or "over" or "under" or "by" or "for" or "as" or "and" or "or" or "vs" or "versus")
            {
                between = left is null ? null : word.Text;
                continue;
            }

            if (word.Kind is not (WordKind.Content or WordKind.Number))
            {
                continue;
            }

            if (left is not null && between is not null)
            {
                yield return (left, between, word.Stem);
            }

            (left, between) = (word.Stem, null);
        }
    }
}
