using System.Text;

namespace Gateway.Guardrails.Engine.Normalization.Layers;

/// <summary>Quoted parts that a text asks to put together: one after the other, and letter by letter in turn.</summary>
internal static class PartLayers
{
    private const int MaxParts = 16;
    private const int MaxPart = 200;

    private static readonly System.Buffers.SearchValues<string> _asks = System.Buffers.SearchValues.Create(
        ["part 1", "part1", "part a", "parts", "concat", "combin", "interlace", "interleave", "join", "+", "put together", "split"], StringComparison.OrdinalIgnoreCase);

    public static void Read(ReadOnlySpan<char> text, LayerList found)
    {
        if (text.IndexOfAny(_asks) < 0)
        {
            return;
        }

        var parts = new List<string>();
        var (first, last) = (0, 0);
        for (var start = 0; start < text.Length && parts.Count < MaxParts; start++)
        {
            if (Closing(text[start]) is not { } close || (start > 0 && char.IsLetterOrDigit(text[start - 1])))
            {
                continue;
            }

            var rest = text[(start + 1)..Math.Min(text.Length, start + MaxPart)];
            var length = rest.IndexOf(close);
            if (length > 0)
            {
                first = parts.Count == 0 ? start : first;
                parts.Add(rest[..length].ToString());
                start += length + 1;
                last = start + 1;
            }
        }

        if (parts.Count < 2)
        {
            return;
        }

        found.Add(string.Concat(parts), LayerKind.Parts, first, last - first);
        if (parts.Count == 2 && Math.Abs(parts[0].Length - parts[1].Length) <= 1)
        {
            var woven = new StringBuilder();
            for (var i = 0; i < Math.Max(parts[0].Length, parts[1].Length); i++)
            {
                woven.Append(parts[0].AsSpan(Math.Min(i, parts[0].Length), i < parts[0].Length ? 1 : 0)).Append(parts[1].AsSpan(Math.Min(i, parts[1].Length), i < parts[1].Length ? 1 : 0));
            }

            found.Add(woven.ToString(), LayerKind.Parts, first, last - first);
        }
    }

    private static char? Closing(char open) => open switch
    {
        '"' => '"',
        '\'' => '\'',
        '“' => '”',
        _ => null,
    };
}
