using System.Text;

namespace Gateway.SemanticCache.Embedding;

/// <summary>Tells the script of a text, since a model that does not know it makes vectors that say nothing.</summary>
internal static class Scripts
{
    /// <summary>True where at least nine of ten letters are Latin and there is a letter at all.</summary>
    public static bool MostlyLatin(string text)
    {
        var (latin, other) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune))
            {
                continue;
            }

            if (rune.Value < 0x250 || rune.Value is >= 0x1E00 and < 0x1F00)
            {
                latin++;
            }
            else
            {
                other++;
            }
        }

        return latin > 0 && latin >= 9 * other;
    }
}
