using System.Globalization;
using System.Text;

namespace Gateway.Embeddings.Tokenization;

/// <summary>What BERT's basic tokenizer does with one code point.</summary>
internal static class CharacterRules
{
    /// <summary>The part a code point plays.</summary>
    internal enum Kind
    {
        /// <summary>Part of a word.</summary>
        Word,

        /// <summary>Ends a word and is not a token.</summary>
        Space,

        /// <summary>Ends a word and is a token of its own.</summary>
        Alone,

        /// <summary>As if it were not in the text; does not end a word.</summary>
        Dropped,
    }

    /// <summary>True for control, format, private-use and surrogate code points and U+FFFD, which are dropped before all else.</summary>
    public static bool IsCleanedAway(Rune rune)
    {
        if (rune.Value is '\t' or '\n' or '\r')
        {
            return false;
        }

        return rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.PrivateUse
            or UnicodeCategory.Surrogate;
    }

    /// <summary>True in the CJK ideograph blocks; kana and Hangul are not split apart.</summary>
    public static bool IsIdeograph(int value) => value
        is (>= 0x4E00 and <= 0x9FFF)
        or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B820 and <= 0x2CEAF)
        or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);

    /// <summary>The part a decomposed code point plays.</summary>
    public static Kind Classify(Rune rune)
    {
        if (rune.IsAscii)
        {
            // BERT counts the ASCII symbols ($, +, <, =, >, ^, `, |, ~) as punctuation although Unicode does not.
            var value = rune.Value;
            return Rune.IsWhiteSpace(rune) ? Kind.Space
                : char.IsAsciiLetterOrDigit((char)value) ? Kind.Word
                : Kind.Alone;
        }

        if (Rune.IsWhiteSpace(rune))
        {
            return Kind.Space;
        }

        if (Rune.IsPunctuation(rune))
        {
            return Kind.Alone;
        }

        return Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark ? Kind.Dropped : Kind.Word;
    }
}
