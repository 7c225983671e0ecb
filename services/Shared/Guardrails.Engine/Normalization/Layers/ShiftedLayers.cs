namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>Letters moved along the alphabet and text written backwards: whole texts and quoted pieces of them.</summary>
internal static class ShiftedLayers
{
    private const int MinLetters = 16;
    private const int MaxPiece = 4_096;
    private const int MaxPieces = 32;

    // Of 1,000 letters of English.
    private static readonly int[] _frequency = [82, 15, 28, 43, 127, 22, 20, 61, 70, 2, 8, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 10, 24, 2, 20, 1];

    public static void Read(ReadOnlySpan<char> text, LayerList found)
    {
        Piece(text, 0, text.Length, found);
        var pieces = 0;
        for (var start = 0; start < text.Length && pieces < MaxPieces && !found.IsFull; start++)
        {
            if (text[start] is '"' or '\'' or '“' or '`' or ':' && start + MinLetters < text.Length)
            {
                pieces++;
                var close = text[start] switch { '“' => '”', ':' => '\n', var same => same };
                var rest = text[(start + 1)..Math.Min(text.Length, start + MaxPiece)];
                var length = rest.IndexOf(close);
                length = length < 0 && close == '\n' ? rest.Length : length;
                if (length >= MinLetters)
                {
                    Piece(text.Slice(start + 1, length), start + 1, length, found);
                    start += text[start] == ':' ? 0 : length + 1;
                }
            }
        }
    }

    private static void Piece(ReadOnlySpan<char> text, int start, int length, LayerList found)
    {
        text = text[..Math.Min(text.Length, MaxPiece)];
        Span<int> counts = stackalloc int[26];
        var letters = 0;
        foreach (var c in text)
        {
            if (char.IsAsciiLetter(c))
            {
                counts[(c | 0x20) - 'a']++;
                letters++;
            }
        }

        if (letters < MinLetters)
        {
            return;
        }

        var (shift, best, plain) = (0, 0, 0);
        for (var by = 0; by < 26; by++)
        {
            var score = 0;
            for (var i = 0; i < 26; i++)
            {
                score += counts[i] * _frequency[(i + by) % 26];
            }

            plain = by == 0 ? score : plain;
            (shift, best) = score > best ? (by, score) : (shift, best);
        }

        if (shift != 0 && best * 4 > plain * 5)
        {
            Keep(Moved(text, shift), LayerKind.Shifted, start, length, found);
        }

        if (IsBackwards(text))
        {
            var reversed = text.ToArray();
            Array.Reverse(reversed);
            found.Add(reversed, LayerKind.Reversed, start, length);
        }
    }

    private static void Keep(char[] text, LayerKind kind, int start, int length, LayerList found)
    {
        var (common, all) = CommonWords.Count(text);
        if (common > 2 && common * 4 >= all)
        {
            found.Add(text, kind, start, length);
        }
    }

    private static char[] Moved(ReadOnlySpan<char> text, int by)
    {
        var moved = text.ToArray();
        foreach (ref var c in moved.AsSpan())
        {
            if (char.IsAsciiLetter(c))
            {
                var origin = c & 0x20 | 'A';
                c = (char)(origin + ((c - origin + by) % 26));
            }
        }

        return moved;
    }

    private static bool IsBackwards(ReadOnlySpan<char> text)
    {
        var reversed = text.ToArray();
        Array.Reverse(reversed);
        var (backwards, all) = CommonWords.Count(reversed);
        return backwards > 2 && backwards * 4 >= all && backwards > 2 * CommonWords.Count(text).Common;
    }
}
