using Gateway.SemanticMatching.Pairs;
using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Scoring;

/// <summary>
/// Signs that decide alone and that examples are too rare to teach: whatever else is alike, such questions are taken as different. What is lost by that is small,
/// since few paraphrases have one.
/// </summary>
internal static class Guards
{
    /// <summary>The most that log-odds may be with such a sign: less likely than not.</summary>
    public const double Ceiling = -0.5;

    /// <summary>The sign, in words, or null.</summary>
    public static string? Find(QuestionText a, QuestionText b)
    {
        if (OrderOf.Exchanged(a.Words, b.Words))
        {
            return "two words change places, and the rest is the same";
        }

        var (onlyA, onlyB) = (Only(a, b), Only(b, a));
        if (onlyA.Exists(static w => w.Kind == WordKind.Number) && onlyB.Exists(static w => w.Kind == WordKind.Number))
        {
            return "each side has a number that the other has not";
        }

        if (onlyA.Count <= 2 && onlyB.Count <= 2 && onlyA.Exists(w => onlyB.Exists(v => Lists.AreOpposites(w.Text, v.Text))))
        {
            return "one side has the opposite word";
        }

        var negated = Negated(a) != Negated(b);
        return negated && onlyA.TrueForAll(IsNegation) && onlyB.TrueForAll(IsNegation) ? "one side is negated, and the rest is the same" : null;
    }

    private static bool IsNegation(Word word) => word.Kind == WordKind.Function || Lists.Negations.Contains(word.Text);

    private static bool Negated(QuestionText text) => text.Words.Count(static w => Lists.Negations.Contains(w.Text)) % 2 == 1;

    private static List<Word> Only(QuestionText a, QuestionText b) => [.. a.Words.Where(w => w.Kind != WordKind.Function && !b.AllStems.Contains(w.Stem))];
}
