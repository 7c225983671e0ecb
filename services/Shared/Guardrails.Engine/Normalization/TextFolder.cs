using System.Buffers;
using System.Text;

namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>
/// Reads a text as a person would: letters in other styles, widths and look-alikes as plain ones, in lower case, without marks and without what cannot be seen. One pass, and
/// a second one over texts that mix scripts.
/// </summary>
public static class TextFolder
{
    // No character is read as more than four others.
    private const int MaxExpansion = 4;

    /// <summary>The text as it is read.</summary>
    /// <param name="text">Any text, lone surrogates included.</param>
    public static FoldedText Fold(ReadOnlySpan<char> text)
    {
        var room = Room(text);
        var output = ArrayPool<char>.Shared.Rent(Math.Max(1, room));
        var origins = ArrayPool<int>.Shared.Rent(Math.Max(1, room));
        var counts = default(FoldCounts);
        StringBuilder? hidden = null;
        var table = CharacterFolds.Table;
        var (length, foreign) = (0, false);
        for (var (i, blocks) = (0, 0); i < text.Length; i++)
        {
            if (i >= blocks)
            {
                var plain = PlainFolder.Fold(text[i..], i, output.AsSpan(length), origins.AsSpan(length), length > 0 && output[length - 1] is ' ' or '\n', ref counts);
                length += plain;
                i += plain;
                blocks = i + PlainFolder.Block;
                if (i == text.Length)
                {
                    break;
                }
            }

            var c = text[i];
            var folded = table[c];
            if (c < 0x80)
            {
                if (folded is >= 'a' and <= 'z')
                {
                    counts.Letters++;
                    counts.Upper += c == folded ? 0 : 1;
                }
                else if (folded == CharacterFolds.Dropped)
                {
                    counts.Invisible++;
                    continue;
                }
                else if (folded == ' ' && length > 0 && output[length - 1] is ' ' or '\n')
                {
                    continue;
                }

                origins[length] = i;
                output[length++] = folded;
                continue;
            }

            if (char.IsSurrogate(c))
            {
                i += Astral(text, i, output, origins, ref length, ref counts, ref hidden);
                continue;
            }

            if (folded == CharacterFolds.Dropped)
            {
                counts.Bidi += CharacterFolds.IsBidiControl(c) ? 1 : 0;
                counts.Invisible += CharacterFolds.IsInvisible(c) ? 1 : 0;
                continue;
            }

            if (folded is ' ' or '\n')
            {
                if (length == 0 || output[length - 1] is not (' ' or '\n'))
                {
                    origins[length] = i;
                    output[length++] = folded;
                }

                continue;
            }

            Count(c, folded, ref counts);
            if (folded == CharacterFolds.Expanded)
            {
                foreach (var part in CharacterFolds.Expansions[c])
                {
                    origins[length] = i;
                    output[length++] = part;
                }

                continue;
            }

            foreign |= folded is (>= '\u0370' and < '\u0590') or (>= '\u13A0' and < '\u1400') or (>= '\uA4D0' and < '\uA500') or (>= '\uAB70' and < '\uABC0');
            origins[length] = i;
            output[length++] = folded;
        }

        if (foreign)
        {
            counts.MixedWords = ReadLookAlikes(output.AsSpan(0, length));
        }

        return new FoldedText(output, origins, length, text.Length, counts, hidden?.ToString() ?? "");
    }

    private static int Room(ReadOnlySpan<char> text)
    {
        // Only what is not ASCII can grow.
        if (Ascii.IsValid(text))
        {
            return text.Length;
        }

        var other = text.Length;
        foreach (var c in text)
        {
            other -= c < 0x80 ? 1 : 0;
        }

        return text.Length + (other * (MaxExpansion - 1));
    }

    private static void Count(char c, char folded, ref FoldCounts counts)
    {
        if (char.IsLetter(c))
        {
            counts.Letters++;
            counts.NonAscii++;
            counts.Upper += char.IsUpper(c) ? 1 : 0;
        }

        counts.Styled += folded < 0x80 && c is (>= '\u1D00' and < '\u1E00') or (>= '\u2070' and < '\u20A0') or (>= '\u2100' and < '\u2190') or (>= '\u2460' and < '\u2500') or >= '\uFF00' ? 1 : 0;
    }

    private static int Astral(ReadOnlySpan<char> text, int at, char[] output, int[] origins, ref int length, ref FoldCounts counts, ref StringBuilder? hidden)
    {
        if (!char.IsHighSurrogate(text[at]) || at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1]))
        {
            origins[length] = at;
            output[length++] = '\uFFFD';
            return 0;
        }

        var code = char.ConvertToUtf32(text[at], text[at + 1]);
        if (code is >= 0xE0000 and < 0xE0080)
        {
            counts.Tags++;
            if (code >= 0xE0020 && code < 0xE007F)
            {
                (hidden ??= new StringBuilder()).Append((char)(code - 0xE0000));
            }
        }
        else if (code is >= 0xE0100 and < 0xE01F0)
        {
            counts.Invisible++;
        }
        else if (CharacterFolds.Expansions.TryGetValue(code, out var plain))
        {
            counts.Styled++;
            counts.Letters++;
            foreach (var part in plain)
            {
                origins[length] = at;
                output[length++] = part;
            }
        }
        else
        {
            counts.Symbols++;
            origins[length] = at;
            output[length++] = text[at];
            origins[length] = at;
            output[length++] = text[at + 1];
        }

        return 1;
    }

    private static int ReadLookAlikes(Span<char> text)
    {
        var mixed = 0;
        for (var start = 0; start < text.Length;)
        {
            if (!char.IsLetter(text[start]))
            {
                start++;
                continue;
            }

            var (end, latin, alike) = (start, false, false);
            for (; end < text.Length && char.IsLetter(text[end]); end++)
            {
                latin |= text[end] < 0x80;
                alike |= CharacterFolds.LookAlikes.ContainsKey(text[end]);
            }

            if (latin && alike)
            {
                mixed++;
                foreach (ref var c in text[start..end])
                {
                    c = CharacterFolds.LookAlikes.GetValueOrDefault(c, c);
                }
            }

            start = end;
        }

        return mixed;
    }
}
