using System.Globalization;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>Cuts a text into runs of letters and digits. Where a run begins and ends depends on the characters beside it and on nothing else.</summary>
internal static class Tokenizer
{
    /// <summary>Longer runs are cut here, so that no more than this waits for the end of a word.</summary>
    public const int Longest = 256;

    public static void Read(ReadOnlySpan<char> text, int from, int to, Lexicon lexicon, List<Token> tokens)
    {
        for (var i = from; i < to;)
        {
            if (!IsWord(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            var shape = char.IsUpper(text[i]) ? Shape.Capital : Shape.None;
            var (small, capitals) = (false, 0);
            for (; i < to && i - start < Longest && IsWord(text[i]); i++)
            {
                var c = text[i];
                if (char.IsAsciiLetterLower(c))
                {
                    shape |= Shape.Letters;
                    small = true;
                }
                else if (char.IsAsciiDigit(c))
                {
                    shape |= Shape.Digits;
                }
                else if (char.IsUpper(c))
                {
                    shape |= small ? Shape.Letters | Shape.InnerCapital : Shape.Letters;
                    capitals++;
                }
                else if (char.IsLetter(c))
                {
                    shape |= Shape.Letters;
                    small = true;
                }
            }

            if (capitals > 1 && !small)
            {
                shape |= Shape.AllCapitals;
            }

            var token = new Token { Start = start, End = i, Shape = shape };
            if ((shape & Shape.Digits) == 0)
            {
                (token.Class, token.Cue) = lexicon.Find(text[start..i]);
            }

            tokens.Add(token);
        }
    }

    public static bool IsWord(char c) => char.IsAscii(c)
        ? char.IsAsciiLetterOrDigit(c)
        : char.IsLetterOrDigit(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
