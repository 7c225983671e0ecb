using System.Globalization;

namespace Gateway.SemanticMatching.Questions;

/// <summary>Cuts a text into words.</summary>
internal static class WordReader
{
    private const int MaxWords = 512;
    private const int MaxWordLength = 64;

    public static IReadOnlyList<Word> Read(ReadOnlySpan<char> text)
    {
        var words = new List<Word>();
        var start = true;
        for (var i = 0; i < text.Length && words.Count < MaxWords;)
        {
            var c = text[i];
            if (char.IsLetterOrDigit(c))
            {
                var end = End(text, i);
                words.Add(Make(text[i..end], start));
                start = false;
                i = end;
                continue;
            }

            if (c is '?' or '!' or '.')
            {
                start = true;
            }
            else if (c is '+' or '=' or '%' or '$' or '€' or '£' or '#' or '<' or '>' or '*' or '^' || char.IsSurrogate(c))
            {
                var length = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
                var sign = text.Slice(i, length).ToString();
                words.Add(new Word(sign, sign, WordKind.Sign, 0.6f, Name: false));
                i += length;
                continue;
            }

            i++;
        }

        return words;
    }

    private static int End(ReadOnlySpan<char> text, int start)
    {
        var i = start;
        while (i < text.Length && i - start < MaxWordLength)
        {
            var c = text[i];
            var inside = i + 1 < text.Length && char.IsLetterOrDigit(text[i + 1]);
            if (char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark
                || (inside && c is '\'' or '’') || (inside && c is '.' or ',' && char.IsDigit(text[i + 1]) && i > start && char.IsDigit(text[i - 1])))
            {
                i++;
                continue;
            }

            // C++ and C# are words of their own.
            if (c is '+' or '#' && i - start <= 2 && char.IsLetter(text[start]))
            {
                i++;
                continue;
            }

            break;
        }

        return Math.Max(i, start + 1);
    }

    private static Word Make(ReadOnlySpan<char> raw, bool sentenceStart)
    {
        var text = raw.ToString().ToLowerInvariant().Replace("’", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal);
        if (text.Length == 0)
        {
            return new Word("'", "'", WordKind.Sign, 0.1f, Name: false);
        }

        if (text.Length > 3 && raw.Contains('\'') && text.EndsWith('s') && !text.EndsWith("ss", StringComparison.Ordinal) && Lists.QuestionKind(text[..^1]) == 0)
        {
            text = text[..^1];
        }

        if (char.IsDigit(text[0]) || Lists.NumberWords.ContainsKey(text))
        {
            var number = Lists.NumberWords.TryGetValue(text, out var value)
                ? value.ToString(CultureInfo.InvariantCulture)
                : text.Replace(",", "", StringComparison.Ordinal);
            return new Word(text, number, WordKind.Number, 0.7f, Name: false);
        }

        var kind = Lists.Function.Contains(text) ? WordKind.Function : WordKind.Content;
        var name = kind == WordKind.Content && char.IsUpper(raw[0]) && (!sentenceStart || (raw.Length > 1 && char.IsUpper(raw[1])));
        return new Word(text, Stem.Of(text), kind, kind == WordKind.Function ? 0.1f : WordRarity.Of(text), name);
    }
}
