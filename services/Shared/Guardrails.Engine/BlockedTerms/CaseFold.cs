using System.Text;

namespace Gateway.Guardrails.Engine.BlockedTerms;

/// <summary>
/// Simple case folding: texts that differ only in case become equal, and every code unit stays in its place. Lower then
/// upper case, since some letters (the Kelvin sign, the long s) meet their kin only on one of the two ways.
/// </summary>
internal static class CaseFold
{
    public static string Fold(string text) => string.Create(text.Length, text, static (folded, t) => Fold(t, folded));

    public static void Fold(ReadOnlySpan<char> text, Span<char> folded)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAscii(c))
            {
                folded[i] = char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c;
            }
            else if (i + 1 < text.Length && Rune.TryCreate(c, text[i + 1], out var rune))
            {
                FoldPair(rune, folded.Slice(i, 2));
                i++;
            }
            else
            {
                folded[i] = char.ToUpperInvariant(char.ToLowerInvariant(c));
            }
        }
    }

    private static void FoldPair(Rune rune, Span<char> folded)
    {
        var upper = Rune.ToUpperInvariant(Rune.ToLowerInvariant(rune));

        // No letter outside the basic plane has its other case inside it; should one come, it keeps its own.
        (upper.IsBmp ? rune : upper).EncodeToUtf16(folded);
    }
}
