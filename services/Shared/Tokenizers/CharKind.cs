using System.Globalization;
using System.Text;

namespace Gateway.Tokenizers;

/// <summary>What a character is to the split patterns.</summary>
[Flags]
internal enum CharKind : byte
{
    /// <summary>None of the others: punctuation, symbols, bytes that are no UTF-8.</summary>
    Other = 0,

    /// <summary>May stand at the beginning of a word: upper and title case, and letters and marks without case.</summary>
    Begins = 1,

    /// <summary>May stand after it: lower case, and letters and marks without case.</summary>
    Follows = 2,

    /// <summary>A mark, which also counts as no letter.</summary>
    Mark = 4,

    /// <summary>A number.</summary>
    Number = 8,

    /// <summary>White space.</summary>
    Space = 16,

    /// <summary>A line feed or carriage return; also a <see cref="Space"/>.</summary>
    Break = 32,
}

/// <summary>Reads characters with their kinds.</summary>
internal static class CharKinds
{
    private static readonly CharKind[] _ascii = [.. Enumerable.Range(0, 128).Select(static c => Of(new Rune(c)))];

    /// <summary>The kind and the bytes of the character that a text begins with; <see cref="CharKind.Other"/> and no bytes at its end.</summary>
    public static CharKind Read(ReadOnlySpan<byte> text, int at, out int length)
    {
        if ((uint)at >= (uint)text.Length)
        {
            length = 0;
            return CharKind.Other;
        }

        if (text[at] < 128)
        {
            length = 1;
            return _ascii[text[at]];
        }

        return Rune.DecodeFromUtf8(text[at..], out var rune, out length) == System.Buffers.OperationStatus.Done ? Of(rune) : CharKind.Other;
    }

    private static CharKind Of(Rune rune)
    {
        // White space as the reference counts it: with the byte order mark, without the next-line control.
        if (rune.Value == 0xFEFF || (Rune.IsWhiteSpace(rune) && rune.Value != 0x85))
        {
            return rune.Value is '\r' or '\n' ? CharKind.Space | CharKind.Break : CharKind.Space;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharKind.Begins,
            UnicodeCategory.LowercaseLetter => CharKind.Follows,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharKind.Begins | CharKind.Follows,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharKind.Begins | CharKind.Follows | CharKind.Mark,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharKind.Number,
            _ => CharKind.Other,
        };
    }
}
