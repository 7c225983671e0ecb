using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Pairs;

/// <summary>How alike two texts are as strings.</summary>
internal static class TextDistance
{
    // The quadratic measures look at no more than this many words; longer texts are alike or not by the others.
    private const int MaxWords = 128;
    private const int MaxCharacters = 512;

    /// <summary>Shared runs of three characters, 0 to 1.</summary>
    public static float TrigramDice(string a, string b)
    {
        if (a.Length < 3 || b.Length < 3)
        {
            return string.Equals(a, b, StringComparison.Ordinal) ? 1 : 0;
        }

        return Dice(Trigrams(a), Trigrams(b));
    }

    /// <summary>Shared neighbouring words, 0 to 1.</summary>
    public static float BigramDice(IReadOnlyList<Word> a, IReadOnlyList<Word> b)
        => a.Count < 2 || b.Count < 2 ? 0 : Dice(Bigrams(a), Bigrams(b));

    /// <summary>Length of the longest common subsequence of words, over that of the longer text.</summary>
    public static float LongestCommon(IReadOnlyList<Word> a, IReadOnlyList<Word> b, Func<Word, bool> which)
    {
        var left = a.Where(which).Take(MaxWords).Select(static w => w.Stem).ToArray();
        var right = b.Where(which).Take(MaxWords).Select(static w => w.Stem).ToArray();
        if (left.Length == 0 || right.Length == 0)
        {
            return left.Length == right.Length ? 1 : 0;
        }

        Span<int> row = stackalloc int[MaxWords + 1];
        row.Clear();
        foreach (var word in left)
        {
            var diagonal = 0;
            for (var j = 0; j < right.Length; j++)
            {
                var above = row[j + 1];
                row[j + 1] = string.Equals(word, right[j], StringComparison.Ordinal) ? diagonal + 1 : Math.Max(above, row[j]);
                diagonal = above;
            }
        }

        return (float)row[right.Length] / Math.Max(left.Length, right.Length);
    }

    public static float CommonPrefix(IReadOnlyList<Word> a, IReadOnlyList<Word> b)
    {
        var n = 0;
        while (n < a.Count && n < b.Count && string.Equals(a[n].Stem, b[n].Stem, StringComparison.Ordinal))
        {
            n++;
        }

        return (float)n / Math.Max(1, Math.Max(a.Count, b.Count));
    }

    public static float CommonSuffix(IReadOnlyList<Word> a, IReadOnlyList<Word> b)
    {
        var n = 0;
        while (n < a.Count && n < b.Count && string.Equals(a[a.Count - 1 - n].Stem, b[b.Count - 1 - n].Stem, StringComparison.Ordinal))
        {
            n++;
        }

        return (float)n / Math.Max(1, Math.Max(a.Count, b.Count));
    }

    /// <summary>How alike two words are, 0 to 1: shared beginning and edit distance.</summary>
    public static float Alike(string a, string b)
    {
        var longer = Math.Max(a.Length, b.Length);
        if (longer == 0 || Math.Abs(a.Length - b.Length) > longer / 2)
        {
            return 0;
        }

        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        var alike = 1 - ((float)row[b.Length] / longer);
        return alike > 0.5f ? alike : 0;
    }

    private static float Dice(HashSet<long> a, HashSet<long> b) => 2f * a.Count(b.Contains) / (a.Count + b.Count);

    private static HashSet<long> Trigrams(string text)
    {
        var set = new HashSet<long>();
        for (var i = 0; i + 2 < Math.Min(text.Length, MaxCharacters); i++)
        {
            set.Add(((long)text[i] << 32) | ((long)text[i + 1] << 16) | text[i + 2]);
        }

        return set;
    }

    private static HashSet<long> Bigrams(IReadOnlyList<Word> words)
    {
        var set = new HashSet<long>();
        for (var i = 0; i + 1 < words.Count; i++)
        {
            set.Add(((long)StableHash.Of(words[i].Stem) << 32) | StableHash.Of(words[i + 1].Stem));
        }

        return set;
    }
}
