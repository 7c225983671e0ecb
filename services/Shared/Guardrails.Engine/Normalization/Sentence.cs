namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>One sentence of a folded text.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="End">Behind its last.</param>
/// <param name="Opening">What stands before it: a tag, a quote, a line break, or 0 for none of these.</param>
internal readonly record struct Sentence(int Start, int End, char Opening);

/// <summary>Divides folded text into sentences.</summary>
internal static class Sentences
{
    /// <summary>Longer ones are cut.</summary>
    public const int MaxLength = 360;

    private const int MinLength = 2;

    /// <summary>The next sentence from a place on; one of no length at the end.</summary>
    /// <param name="original">The text as it came: whether a line goes on shows in its letters.</param>
    /// <param name="text">The same text folded.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="origin">Where in the original a character stood.</param>
    public static Sentence Next(ReadOnlySpan<char> original, ReadOnlySpan<char> text, int from, FoldedText origin)
    {
        var start = from;
        var opening = from == 0 ? '\n' : '\0';
        while (start < text.Length && !StartsSentence(text[start]))
        {
            opening = text[start] is '\n' or '>' or '<' or '"' or '|' or '#' or '{' or '}' ? text[start] : opening;
            start++;
        }

        var end = start;
        var table = CharClass.Table;
        for (; end < text.Length; end++)
        {
            var c = text[end];
            if ((table[c] & CharClass.Stop) == 0 && end - start < MaxLength)
            {
                continue;
            }

            if (end - start >= MaxLength && c is ' ' or '\n' || end - start >= 2 * MaxLength)
            {
                break;
            }

            if (c is '。' or '！' or '？' or '।' or '؟' or '\u06D4' || (c is '.' or '!' or '?' or ';' && EndsHere(text, end)))
            {
                end++;
                break;
            }

            if ((c == '\n' && !GoesOn(original, text, end, origin)) || (c is '<' or '>' && end - start >= MinLength))
            {
                break;
            }
        }

        return new Sentence(start, Math.Min(end, text.Length), opening);
    }

    private static bool StartsSentence(char c) => CharClass.IsWord(c) || c is '[' or '(' or '$' or '%' or '!' or '@' || char.IsSurrogate(c);

    private static bool EndsHere(ReadOnlySpan<char> text, int at) => at + 1 >= text.Length || text[at + 1] is ' ' or '\n' or '"' or '\'' or ')' or ']' or '<';

    // A wrapped line goes on with a small letter.
    private static bool GoesOn(ReadOnlySpan<char> original, ReadOnlySpan<char> text, int at, FoldedText origin)
    {
        if (at + 1 >= text.Length || !char.IsLetter(text[at + 1]))
        {
            return false;
        }

        var next = original[origin.Origin(at + 1)];
        return char.IsLower(next);
    }
}
