using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Pairs;

/// <summary>What a second look at two questions finds. The same for both orders of the two.</summary>
internal static class PairFeatures
{
    /// <summary>Features that this class computes; the learnt heads add theirs behind.</summary>
    public const int Count = 52;

    public static void Compute(QuestionText a, QuestionText b, float cosine, Span<float> x)
    {
        var overlap = new Overlap(a, b);
        x[0] = cosine;
        x[1] = overlap.WordJaccard;
        x[2] = overlap.StemJaccard;
        x[3] = overlap.WeightedJaccard;
        x[4] = overlap.WeightedContainment;
        x[5] = overlap.LostLess;
        x[6] = overlap.LostMore;
        x[7] = MathF.Min(overlap.RarestA, overlap.RarestB);
        x[8] = MathF.Max(overlap.RarestA, overlap.RarestB);
        x[9] = Math.Min(overlap.OnlyA.Count, overlap.OnlyB.Count);
        x[10] = Math.Max(overlap.OnlyA.Count, overlap.OnlyB.Count);
        x[11] = overlap.Common;
        x[12] = TextDistance.TrigramDice(a.Normalized, b.Normalized);
        x[13] = TextDistance.BigramDice(a.Words, b.Words);
        x[14] = TextDistance.LongestCommon(a.Words, b.Words, static w => true);
        x[15] = TextDistance.LongestCommon(a.Words, b.Words, static w => w.Kind != WordKind.Function);
        x[16] = TextDistance.CommonPrefix(a.Words, b.Words);
        x[17] = TextDistance.CommonSuffix(a.Words, b.Words);
        Lengths(a, b, x[18..23]);
        Closed(a, b, overlap, x[23..33]);
        Openings(a, b, x[33..38]);
        Names(a, b, overlap, x[38..42]);
        x[42] = OrderOf.Inversions(a.Content, b.Content);
        x[43] = OrderOf.ArgumentsSwapped(a, b) ? 1 : 0;
        x[44] = overlap.FuzzyOnlyLess;
        x[45] = overlap.FuzzyOnlyMore;
        x[46] = overlap.OppositeWords;
        x[47] = Either(a, b, static q => Has(q, "difference") || Has(q, "vs") || Has(q, "versus") || Has(q, "better") || Has(q, "compare"));
        x[48] = Quotes(a, b);
        x[49] = Either(a, b, static q => q.HasCode);
        x[50] = string.Equals(a.Normalized, b.Normalized, StringComparison.Ordinal) ? 1 : 0;
        x[51] = overlap.LastContentSame;
    }

    private static void Lengths(QuestionText a, QuestionText b, Span<float> x)
    {
        var (less, more) = (Math.Min(a.Words.Count, b.Words.Count), Math.Max(a.Words.Count, b.Words.Count));
        x[0] = more == 0 ? 1 : (float)less / more;
        x[1] = less;
        x[2] = more;
        x[3] = Math.Abs(a.Content.Count - b.Content.Count);
        x[4] = Math.Abs(a.Sentences - b.Sentences);
    }

    /// <summary>Classes of words of which one decides: numbers, units, dates, negation, who is asking.</summary>
    private static void Closed(QuestionText a, QuestionText b, Overlap overlap, Span<float> x)
    {
        var numbers = Compare(a, b, static w => w.Kind == WordKind.Number);
        x[0] = numbers.Only;
        x[1] = numbers.Both;
        var units = Compare(a, b, static w => Lists.Units.Contains(w.Text));
        x[2] = units.Only;
        var dates = Compare(a, b, static w => Lists.Dates.Contains(w.Text) || (w.Kind == WordKind.Number && w.Stem.Length == 4 && w.Stem[0] is '1' or '2'));
        x[3] = dates.Only;
        var negations = (Number(a, static w => Lists.Negations.Contains(w.Text)), Number(b, static w => Lists.Negations.Contains(w.Text)));
        x[4] = Math.Abs(negations.Item1 - negations.Item2) % 2;
        x[5] = Math.Abs(negations.Item1 - negations.Item2);
        x[6] = (Number(a, static w => Lists.Personal.Contains(w.Text)) > 0) == (Number(b, static w => Lists.Personal.Contains(w.Text)) > 0) ? 0 : 1;
        var signs = Compare(a, b, static w => w.Kind == WordKind.Sign);
        x[7] = signs.Only;
        x[8] = overlap.OnlyA.Concat(overlap.OnlyB).Count(static w => w.Rarity > 0.85f);
        x[9] = overlap.OnlyA.Concat(overlap.OnlyB).Count(static w => w.Kind == WordKind.Content && !WordRarity.Knows(w.Text));
    }

    private static void Openings(QuestionText a, QuestionText b, Span<float> x)
    {
        var (ka, kb) = (Opening(a), Opening(b));
        x[0] = ka == kb ? 1 : 0;
        x[1] = Math.Min(ka, kb);
        x[2] = Math.Max(ka, kb);
        x[3] = Same(a.Words, b.Words, 0) ? 1 : 0;
        x[4] = Same(a.Words, b.Words, 0) && Same(a.Words, b.Words, 1) ? 1 : 0;
    }

    private static void Names(QuestionText a, QuestionText b, Overlap overlap, Span<float> x)
    {
        var (onlyA, onlyB) = (overlap.OnlyA.Count(static w => w.Name), overlap.OnlyB.Count(static w => w.Name));
        x[0] = Math.Min(onlyA, onlyB);
        x[1] = Math.Max(onlyA, onlyB);
        x[2] = Compare(a, b, static w => w.Name).Both;
        x[3] = onlyA > 0 && onlyB > 0 ? 1 : 0;
    }

    private static float Quotes(QuestionText a, QuestionText b)
        => a.Quoted.Count == 0 && b.Quoted.Count == 0 ? 0 : a.Quoted.Order(StringComparer.Ordinal).SequenceEqual(b.Quoted.Order(StringComparer.Ordinal)) ? 1 : -1;

    private static int Opening(QuestionText text)
    {
        foreach (var word in text.Words.Take(4))
        {
            var kind = Lists.QuestionKind(word.Text);
            if (kind > 0)
            {
                return kind;
            }
        }

        return 0;
    }

    private static (int Only, int Both) Compare(QuestionText a, QuestionText b, Func<Word, bool> which)
    {
        var left = a.Words.Where(which).Select(static w => w.Stem).ToHashSet(StringComparer.Ordinal);
        var right = b.Words.Where(which).Select(static w => w.Stem).ToHashSet(StringComparer.Ordinal);
        var both = left.Count(right.Contains);
        return (left.Count + right.Count - (2 * both), both);
    }

    private static int Number(QuestionText text, Func<Word, bool> which) => text.Words.Count(which);

    private static bool Has(QuestionText text, string stem) => text.AllStems.Contains(stem);

    private static float Either(QuestionText a, QuestionText b, Func<QuestionText, bool> which) => (which(a) ? 1 : 0) + (which(b) ? 1 : 0);

    private static bool Same(IReadOnlyList<Word> a, IReadOnlyList<Word> b, int at)
        => at < a.Count && at < b.Count && string.Equals(a[at].Text, b[at].Text, StringComparison.Ordinal);
}
