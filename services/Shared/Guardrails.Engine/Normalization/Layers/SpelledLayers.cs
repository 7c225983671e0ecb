using System.Text;

namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>Words with digits and signs for letters, and words whose letters are set apart.</summary>
internal static class SpelledLayers
{
    private const int MinLetters = 5;

    public static void ReadLeet(ReadOnlySpan<char> text, LayerList found)
    {
        var output = new StringBuilder(Math.Min(text.Length, LayerReader.MaxCharacters));
        var (changed, first, last) = (0, 0, 0);
        for (var start = 0; start < text.Length && output.Length < LayerReader.MaxCharacters;)
        {
            var end = start;
            while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] is '@' or '$' or '|' or '!' or '+'))
            {
                end++;
            }

            if (end == start)
            {
                output.Append(text[start++]);
                continue;
            }

            var word = text[start..end];
            var plain = word.TrimEnd('!');
            if (IsLeet(plain))
            {
                first = changed++ == 0 ? start : first;
                last = end;
                foreach (var c in plain)
                {
                    output.Append(Letter(c));
                }
            }
            else
            {
                output.Append(word);
            }

            start = end;
        }

        if (changed > 1)
        {
            found.Add(output.ToString(), LayerKind.Leet, first, last - first);
        }
    }

    public static void ReadSpaced(ReadOnlySpan<char> text, LayerList found)
    {
        for (var start = 0; start + 2 < text.Length && !found.IsFull;)
        {
            if (!IsSingle(text, start))
            {
                start++;
                continue;
            }

            var output = new StringBuilder();
            var (at, letters, end) = (start, 0, start);
            while (at < text.Length && IsSingle(text, at))
            {
                output.Append(text[at]);
                letters++;
                end = ++at;
                var gap = at;
                while (gap < text.Length && IsGap(text[gap]) && gap - at < 4)
                {
                    gap++;
                }

                // One sign sets letters apart; more, or a space among signs, sets words apart.
                if (gap - at > 1)
                {
                    output.Append(' ');
                }

                at = gap;
            }

            if (letters >= MinLetters)
            {
                var read = output.ToString();
                found.Add(read.Contains(' ', StringComparison.Ordinal) ? read : Segment(read), LayerKind.Spaced, start, end - start);
            }

            start = Math.Max(end, start + 1);
        }
    }

    /// <summary>Sets known words apart in a row of letters, the longest first.</summary>
    internal static string Segment(string letters)
    {
        var output = new StringBuilder(letters.Length * 2);
        for (var i = 0; i < letters.Length;)
        {
            var length = Math.Min(CommonWords.MaxLength, letters.Length - i);
            while (length > 1 && !CommonWords.Contains(letters.AsSpan(i, length)))
            {
                length--;
            }

            if (length > 1)
            {
                output.Append(output.Length > 0 && output[^1] != ' ' ? " " : "").Append(letters, i, length).Append(' ');
            }
            else
            {
                output.Append(letters[i]);
            }

            i += Math.Max(1, length);
        }

        return output.ToString();
    }

    private static bool IsSingle(ReadOnlySpan<char> text, int at) =>
        char.IsLetter(text[at]) && (at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (at + 1 >= text.Length || !char.IsLetterOrDigit(text[at + 1]));

    private static bool IsGap(char c) => c is ' ' or '.' or '-' or '_' or '*' or '|' or '/' or '·' or ',' or '~' or '\u00A0';

    private static bool IsLeet(ReadOnlySpan<char> word)
    {
        var (letters, signs) = (0, 0);
        foreach (var c in word)
        {
            letters += char.IsLetter(c) ? 1 : 0;
            signs += Letter(c) != c ? 1 : 0;
        }

        return letters > 0 && signs > 0 && letters + signs == word.Length && word.Length is > 2 and < 24 && (letters * 2 >= signs);
    }

    private static char Letter(char c) => c switch
    {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        '7' or '+' => 't',
        '8' => 'b',
        '9' => 'g',
        '!' or '|' => 'i',
        _ => c,
    };
}
