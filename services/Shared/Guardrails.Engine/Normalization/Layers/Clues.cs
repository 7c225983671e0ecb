using System.Buffers;

namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>What in a text hints at something hidden, so that ordinary texts cost one pass. </summary>
internal readonly record struct Clues(bool Encoded, int Escapes, int Leet, bool Spaced, int Quotes, bool Ciphered)
{
    // Letters, digits and signs of both base64 alphabets.
    private const int LongRun = 20;

    private const int LongestLabel = 64;
    private static readonly SearchValues<string> _ciphers = SearchValues.Create(
        ["rot", "caesar", "cipher", "decode", "decrypt", "decipher", "encod", "reverse", "backward", "mirror", "shift", "dechiffr", "descifr", "entschlüssel"], StringComparison.OrdinalIgnoreCase);

    public bool Any => Encoded || Escapes > 3 || Leet > 1 || Spaced || Quotes > 3 || Ciphered;

    public static Clues Of(ReadOnlySpan<char> text)
    {
        var (run, longest, digitGroups, escapes, leet, singles, longestSingles, quotes) = (0, 0, 0, 0, 0, 0, 0, 0);
        var (letters, digits, common) = (0, 0, 0);
        var word = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ' ';
            if (char.IsAsciiLetterOrDigit(c))
            {
                run++;
                if (char.IsAsciiLetter(c))
                {
                    letters++;
                }
                else
                {
                    digits++;
                }

                continue;
            }

            if (c is '+' or '/' or '-' or '_' or '=' && run > 0)
            {
                run++;
            }
            else
            {
                longest = Math.Max(longest, run);
                run = 0;
            }

            if (c is '%' or '&' or '\\' && i + 2 < text.Length)
            {
                escapes += char.IsAsciiHexDigit(text[i + 1]) || text[i + 1] is '#' or 'u' or 'x' ? 1 : 0;
            }

            quotes += c is '"' or '“' or '”' or '\'' && (i == 0 || i + 1 >= text.Length || !char.IsLetter(text[i - 1]) || !char.IsLetter(text[i + 1])) ? 1 : 0;
            var length = letters + digits;
            if (length == 1 && letters == 1)
            {
                singles++;
                longestSingles = Math.Max(longestSingles, singles);
            }
            else if (length > 0)
            {
                singles = 0;
            }

            leet += letters > 0 && digits > 0 && length is > 2 and < 16 && (letters > digits || length > 4) || (letters > 1 && c is '@' or '$' or '!' && i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]) && !(c == '@' && IsHost(text, i + 1))) ? 1 : 0;
            digitGroups += length is 2 or 4 or 8 && digits > 0 && IsHex(text.Slice(i - length, length)) ? 1 : 0;
            if (length > 0)
            {
                word++;
                common += CommonWords.Contains(text.Slice(i - length, length)) ? 1 : 0;
            }

            (letters, digits) = (0, 0);
        }

        // Plain text of any language that is written in Latin letters is left alone unless it asks to be deciphered or has no common word of English at all.
        var ciphered = word > 3 && (common * 12 < word || text.IndexOfAny(_ciphers) >= 0);
        return new Clues(longest >= LongRun || digitGroups >= LayerReader.MinText, escapes, leet, longestSingles >= 5, quotes, ciphered);
    }

    // What follows the sign in an e-mail address, which is not a letter there.
    private static bool IsHost(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < text.Length && end - at < LongestLabel && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '-'))
        {
            end++;
        }

        return end + 1 < text.Length && text[end] == '.' && char.IsAsciiLetter(text[end + 1]);
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }
}
