using System.Globalization;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>Cuts a text into runs of letters and digits. Where a run begins and ends depends on the characters beside it and on nothing else.</summary>
internal static class Tokenizer
{
    /// <summary>Longer runs are cut here, so that no more than this waits for the end of a word.</summary>
    public const int Longest = 256;

    private const byte Small = 1;
    private const byte Capital = 2;
    private const byte Digit = 4;

    // What each character of ASCII is; 0 where it is in no word.
    private static readonly byte[] _kinds = [.. Enumerable.Range(0, 0x80).Select(static c => char.IsAsciiLetterLower((char)c) ? Small : char.IsAsciiLetterUpper((char)c) ? Capital : char.IsAsciiDigit((char)c) ? Digit : (byte)0)];

    public static void Read(ReadOnlySpan<char> text, int from, int to, Lexicon lexicon, List<Token> tokens)
    {
        var kinds = _kinds;
        for (var i = from; i < to;)
        {
            if (Kind(kinds, text[i]) == 0 && !IsWord(text[i]))
            {
                i++;
                continue;
            }

            var (start, seen, capitals, inner, hash) = (i, (byte)0, 0, false, WordHash.Start);
            for (; i < to && i - start < Longest; i++)
            {
                var c = text[i];
                var kind = Kind(kinds, c);
                if (kind == 0)
                {
                    if (c < 0x80 || !IsWord(c))
                    {
                        break;
                    }

                    // Marks and digits of other scripts say nothing.
                    kind = char.IsUpper(c) ? Capital : char.IsLetter(c) ? Small : (byte)0;
                }

                if (kind == Capital)
                {
                    capitals++;
                    inner |= (seen & Small) != 0;
                }

                seen |= kind;
                hash = WordHash.Extend(hash, c);
            }

            var shape = ((seen & (Small | Capital)) != 0 ? Shape.Letters : 0) | ((seen & Digit) != 0 ? Shape.Digits : 0) | (inner ? Shape.InnerCapital : 0)
                | (capitals > 0 && char.IsUpper(text[start]) ? Shape.Capital : 0) | (capitals > 1 && (seen & Small) == 0 ? Shape.AllCapitals : 0);
            var token = new Token { Start = start, End = i, Shape = shape };
            if ((shape & Shape.Digits) == 0)
            {
                (token.Class, token.Cue) = lexicon.Find(hash, i - start);
            }

            tokens.Add(token);
        }
    }

    public static bool IsWord(char c) => char.IsAscii(c)
        ? char.IsAsciiLetterOrDigit(c)
        : char.IsLetterOrDigit(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static byte Kind(byte[] kinds, char c) => c < (uint)kinds.Length ? kinds[c] : (byte)0;
}
