namespace Gateway.Tokenizers;

/// <summary>
/// Cuts a text into the pieces that no token reaches beyond, as the split pattern of each encoding does: by hand, with a bounded number of looks at each character.
/// </summary>
internal static class TextSplitter
{
    private const CharKind Word = CharKind.Begins | CharKind.Follows;

    /// <summary>Length of the piece that a text begins with; the text is not empty.</summary>
    public static int Next(BpeEncoding encoding, ReadOnlySpan<byte> text)
    {
        var isO200k = encoding == BpeEncoding.O200kBase;
        if (!isO200k && Contraction(text, 0) is var contraction and > 0)
        {
            return contraction;
        }

        var kind = CharKinds.Read(text, 0, out var length);
        var isWord = isO200k ? NextWord(text, kind, length, out var end) : NextLetters(text, kind, length, out end);
        if (isWord)
        {
            return end;
        }

        if ((kind & CharKind.Number) != 0)
        {
            return Numbers(text, length);
        }

        return Symbols(text, kind, length, isO200k) is var symbols and > 0 ? symbols : Spaces(text);
    }

    private static bool IsLetter(CharKind kind) => (kind & Word) != 0 && (kind & CharKind.Mark) == 0;

    /// <summary>What may stand before a word: no letter, number or line break.</summary>
    private static bool IsPrefix(CharKind kind, int length) => length > 0 && !IsLetter(kind) && (kind & (CharKind.Number | CharKind.Break)) == 0;

    private static bool IsSymbol(CharKind kind, int length) => length > 0 && !IsLetter(kind) && (kind & (CharKind.Number | CharKind.Space)) == 0;

    private static bool NextLetters(ReadOnlySpan<byte> text, CharKind kind, int length, out int end)
    {
        var from = IsPrefix(kind, length) ? length : 0;
        end = from;
        while (IsLetter(CharKinds.Read(text, end, out var more)))
        {
            end += more;
        }

        return end > from;
    }

    private static bool NextWord(ReadOnlySpan<byte> text, CharKind kind, int length, out int end)
    {
        var isPrefixed = IsPrefix(kind, length);
        if (TryWord(text, isPrefixed ? length : 0, out end, out var capitals))
        {
            end += Contraction(text, end);
            return true;
        }

        // A mark is a prefix to the pattern, and a word of its own where no word follows it.
        if (isPrefixed && (kind & CharKind.Mark) != 0 && TryWord(text, 0, out end, out _))
        {
            end += Contraction(text, end);
            return true;
        }

        end = capitals;
        if (capitals <= (isPrefixed ? length : 0))
        {
            return false;
        }

        end += Contraction(text, end);
        return true;
    }

    /// <summary>A word that ends in what may follow; else where the capitals end.</summary>
    private static bool TryWord(ReadOnlySpan<byte> text, int from, out int end, out int capitals)
    {
        var at = from;
        var lastFollower = -1;
        CharKind kind;
        int length;
        while (((kind = CharKinds.Read(text, at, out length)) & CharKind.Begins) != 0)
        {
            at += length;
            if ((kind & CharKind.Follows) != 0)
            {
                lastFollower = at;
            }
        }

        capitals = at;
        if ((kind & CharKind.Follows) == 0)
        {
            end = lastFollower;
            return lastFollower >= 0;
        }

        while ((CharKinds.Read(text, at, out length) & CharKind.Follows) != 0)
        {
            at += length;
        }

        end = at;
        return true;
    }

    private static int Contraction(ReadOnlySpan<byte> text, int at)
    {
        if (at + 1 >= text.Length || text[at] != (byte)'\'')
        {
            return 0;
        }

        var first = (byte)(text[at + 1] | 0x20);
        if (first is (byte)'s' or (byte)'t' or (byte)'m' or (byte)'d')
        {
            return 2;
        }

        var second = at + 2 < text.Length ? (byte)(text[at + 2] | 0x20) : (byte)0;
        return (first, second) is ((byte)'r', (byte)'e') or ((byte)'v', (byte)'e') or ((byte)'l', (byte)'l') ? 3 : 0;
    }

    private static int Numbers(ReadOnlySpan<byte> text, int end)
    {
        for (var i = 1; i < 3 && (CharKinds.Read(text, end, out var length) & CharKind.Number) != 0; i++)
        {
            end += length;
        }

        return end;
    }

    private static int Symbols(ReadOnlySpan<byte> text, CharKind kind, int length, bool takesSlashes)
    {
        var end = 0;
        if (text[0] == (byte)' ')
        {
            end = 1;
            kind = CharKinds.Read(text, 1, out length);
        }

        if (!IsSymbol(kind, length))
        {
            return 0;
        }

        while (IsSymbol(kind, length))
        {
            end += length;
            kind = CharKinds.Read(text, end, out length);
        }

        while (end < text.Length && (text[end] is (byte)'\r' or (byte)'\n' || (takesSlashes && text[end] == (byte)'/')))
        {
            end++;
        }

        return end;
    }

    private static int Spaces(ReadOnlySpan<byte> text)
    {
        var (end, last, lastBreak) = (0, 0, 0);
        CharKind kind;
        while (((kind = CharKinds.Read(text, end, out var length)) & CharKind.Space) != 0)
        {
            last = end;
            end += length;
            if ((kind & CharKind.Break) != 0)
            {
                lastBreak = end;
            }
        }

        // The last space before a word belongs to the word.
        return lastBreak > 0 ? lastBreak : end == text.Length || last == 0 ? end : last;
    }
}
