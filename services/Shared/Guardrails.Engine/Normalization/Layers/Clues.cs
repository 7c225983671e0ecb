using System.Buffers;

namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>What in a text hints at something hidden, so that ordinary texts cost one pass. </summary>
internal readonly record struct Clues(bool Encoded, int Escapes, int Leet, bool Spaced, int Quotes, bool Ciphered)
{
    // Letters, digits and signs of both base64 alphabets.
    private const int LongRun = 20;

    private const int LongestLabel = 64;

    private const byte None = 0;
    private const byte Letter = 1;
    private const byte Digit = 2;
    private const byte Sign = 4;

    private static readonly byte[] _kinds = [.. Enumerable.Range(0, 0x80).Select(static c => char.IsAsciiLetter((char)c) ? Letter : char.IsAsciiDigit((char)c) ? Digit : "+/-_=%&\\\"'@$!".Contains((char)c) ? Sign : None)];
    private static readonly SearchValues<string> _ciphers = SearchValues.Create(
        ["rot", "caesar", "cipher", "decode", "decrypt", "decipher", "encod", "reverse", "backward", "mirror", "shift", "dechiffr", "descifr", "entschlüssel"], StringComparison.OrdinalIgnoreCase);

    public bool Any => Encoded || Escapes > 3 || Leet > 1 || Spaced || Quotes > 3 || Ciphered;

    public static Clues Of(ReadOnlySpan<char> text)
    {
        var (longest, digitGroups, escapes, leet, singles, longestSingles, quotes) = (0, 0, 0, 0, 0, 0, 0);
        var (word, common, run) = (0, 0, 0);
        var kinds = _kinds;
        for (var i = 0; i <= text.Length; i++)
        {
            var (start, digits, key) = (i, 0, 0UL);
            var kind = Sign;
            for (; i < text.Length; i++)
            {
                var here = text[i];
                kind = here < kinds.Length ? kinds[here] : Sign;
                if ((kind & (Letter | Digit)) == 0)
                {
                    break;
                }

                digits += kind >> 1;
                key = CommonWords.Extend(key, here);
            }

            var (length, isSpelled) = (i - start, false);
            run += length;
            if (length > 0)
            {
                word++;
                common += digits == 0 && length <= CommonWords.MaxLength && CommonWords.Contains(key) ? 1 : 0;
                digitGroups += length is 2 or 4 or 8 && digits > 0 && IsHex(text.Slice(start, length)) ? 1 : 0;
                singles = length == 1 && digits == 0 ? singles + 1 : 0;
                longestSingles = Math.Max(longestSingles, singles);
                isSpelled = digits > 0 && digits < length && length is > 2 and < 16 && (length > 2 * digits || length > 4);
            }

            if (i == text.Length || kind == None)
            {
                leet += isSpelled ? 1 : 0;
                longest = Math.Max(longest, run);
                run = 0;
                continue;
            }

            // What may be part of something encoded, an escape, a quote, or stand for a letter.
            var c = text[i];
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
            leet += isSpelled || (length - digits > 1 && c is '@' or '$' or '!' && i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]) && !(c == '@' && IsHost(text, i + 1))) ? 1 : 0;
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
