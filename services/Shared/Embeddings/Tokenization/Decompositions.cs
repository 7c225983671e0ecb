using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Gateway.Embeddings.Tokenization;

/// <summary>Canonical decompositions with the accents (category Mn) already left out.</summary>
/// <remarks>
/// The process runs with invariant globalization, where <see cref="string.Normalize()"/> returns its input unchanged for
/// everything but ASCII; stripping accents therefore needs a table of its own. Hangul is decomposed by its formula.
/// </remarks>
internal static class Decompositions
{
    private const int HangulFirst = 0xAC00;
    private const int HangulLast = 0xD7A3;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    private static readonly FrozenDictionary<int, Rune[]> Table = Load();

    /// <summary>Writes the decomposition of <paramref name="rune"/> (at most 4 code points) and returns their number; 0 when it has none.</summary>
    public static int Decompose(Rune rune, Span<Rune> parts)
    {
        var value = rune.Value;
        if (value is >= HangulFirst and <= HangulLast)
        {
            var index = value - HangulFirst;
            parts[0] = new Rune(0x1100 + index / (VowelCount * TrailCount));
            parts[1] = new Rune(0x1161 + index / TrailCount % VowelCount);
            var trail = index % TrailCount;
            if (trail == 0)
            {
                return 2;
            }

            parts[2] = new Rune(0x11A7 + trail);
            return 3;
        }

        if (!Table.TryGetValue(value, out var found))
        {
            return 0;
        }

        found.CopyTo(parts);
        return found.Length;
    }

    private static FrozenDictionary<int, Rune[]> Load()
    {
        using var stream = typeof(Decompositions).Assembly.GetManifestResourceStream("Gateway.Embeddings.Decompositions.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var table = new Dictionary<int, Rune[]>(2100);
        while (reader.ReadLine() is { } line)
        {
            var codes = line.Split(' ');
            table.Add(Hex(codes[0]), [.. codes.Skip(1).Select(code => new Rune(Hex(code)))]);
        }

        return table.ToFrozenDictionary();
    }

    private static int Hex(string code) => int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
