using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Pairs;

/// <summary>Which words two questions share, and what only one of them says.</summary>
internal sealed class Overlap
{
    public Overlap(QuestionText a, QuestionText b)
    {
        OnlyA = Only(a, b);
        OnlyB = Only(b, a);
        var (weightA, weightB) = (Weight(a.Content), Weight(b.Content));
        var (lostA, lostB) = (OnlyA.Sum(static w => w.Rarity), OnlyB.Sum(static w => w.Rarity));
        var shared = ((weightA - lostA) + (weightB - lostB)) / 2;
        WeightedJaccard = Share(shared, shared + lostA + lostB);
        WeightedContainment = Share(shared, MathF.Min(weightA, weightB));
        (LostLess, LostMore) = (MathF.Min(lostA, lostB), MathF.Max(lostA, lostB));
        RarestA = OnlyA.Count == 0 ? 0 : OnlyA.Max(static w => w.Rarity);
        RarestB = OnlyB.Count == 0 ? 0 : OnlyB.Max(static w => w.Rarity);
        Common = a.Stems.Count(b.Stems.Contains);
        StemJaccard = Share(Common, a.Stems.Count + b.Stems.Count - Common);
        var all = a.AllStems.Count(b.AllStems.Contains);
        WordJaccard = Share(all, a.AllStems.Count + b.AllStems.Count - all);
        var (fuzzyA, fuzzyB) = (Fuzzy(OnlyA, OnlyB), Fuzzy(OnlyB, OnlyA));
        (FuzzyOnlyLess, FuzzyOnlyMore) = (MathF.Min(fuzzyA, fuzzyB), MathF.Max(fuzzyA, fuzzyB));
        OppositeWords = OnlyA.Sum(w => OnlyB.Count(v => Lists.AreOpposites(w.Text, v.Text)));
        LastContentSame = a.Content.Count > 0 && b.Content.Count > 0 && string.Equals(a.Content[^1].Stem, b.Content[^1].Stem, StringComparison.Ordinal) ? 1 : 0;
    }

    /// <summary>Words that only the first text has.</summary>
    public IReadOnlyList<Word> OnlyA { get; }

    /// <summary>Words that only the second text has.</summary>
    public IReadOnlyList<Word> OnlyB { get; }

    public float WordJaccard { get; }

    public float StemJaccard { get; }

    public float WeightedJaccard { get; }

    public float WeightedContainment { get; }

    public float LostLess { get; }

    public float LostMore { get; }

    public float RarestA { get; }

    public float RarestB { get; }

    public float Common { get; }

    public float FuzzyOnlyLess { get; }

    public float FuzzyOnlyMore { get; }

    public float OppositeWords { get; }

    public float LastContentSame { get; }

    private static List<Word> Only(QuestionText a, QuestionText b)
    {
        var words = new List<Word>();
        foreach (var word in a.Content)
        {
            if (!b.AllStems.Contains(word.Stem) && !words.Exists(w => string.Equals(w.Stem, word.Stem, StringComparison.Ordinal)))
            {
                words.Add(word);
            }
        }

        return words;
    }

    private static float Fuzzy(IReadOnlyList<Word> only, IReadOnlyList<Word> others)
    {
        var lost = 0f;
        foreach (var word in only)
        {
            var best = 0f;
            foreach (var other in others)
            {
                best = MathF.Max(best, TextDistance.Alike(word.Text, other.Text));
            }

            lost += word.Rarity * (1 - best);
        }

        return lost;
    }

    private static float Weight(IReadOnlyList<Word> words)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var sum = 0f;
        foreach (var word in words)
        {
            sum += seen.Add(word.Stem) ? word.Rarity : 0;
        }

        return sum;
    }

    private static float Share(float part, float whole) => whole <= 0 ? 1 : Math.Clamp(part / whole, 0, 1);
}
