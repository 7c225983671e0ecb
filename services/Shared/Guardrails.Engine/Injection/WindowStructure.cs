using System.Numerics;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Features of a window that words do not show: length, repetition, noise, hidden layers.</summary>
internal static class WindowStructure
{
    private const float Value = 0.5f;

    public static void Emit(
        IFeatureSink sink, ReadOnlySpan<char> original, FoldedText folded, ReadOnlySpan<uint> words, Marker markers, IReadOnlyList<DecodedLayer> layers, int sentences, int concepts, int longWords, int digits,
        TextSource source)
    {
        Add(sink, 0, Bucket(original.Length));
        Add(sink, 20, Bucket(sentences));
        Add(sink, 40, Math.Min(9, concepts * 20 / Math.Max(1, words.Length)));
        for (var set = (uint)markers; set != 0; set &= set - 1)
        {
            Add(sink, 60, BitOperations.TrailingZeroCount(set));
        }

        foreach (var layer in layers)
        {
            Add(sink, 80, (int)layer.Kind);
        }

        var counts = folded.Counts;
        If(sink, 100, counts.Invisible > 3);
        If(sink, 101, counts.Tags > 3);
        If(sink, 102, counts.Bidi > 1);
        If(sink, 103, counts.Styled > 3);
        If(sink, 104, counts.MixedWords > 0);
        If(sink, 105, counts.Symbols > 2);
        If(sink, 106, counts.Letters > 20 && counts.Upper * 2 > counts.Letters);
        If(sink, 107, longWords > 0);
        If(sink, 108, source == TextSource.Data);
        If(sink, 109, counts.NonAscii * 2 > counts.Letters);
        Add(sink, 120, Distinct(words));
        Add(sink, 140, Noise(folded.Text));
        Add(sink, 160, Math.Min(9, digits * 20 / Math.Max(1, words.Length)));
        Add(sink, 180, Noise(folded.Text[(folded.Length * 2 / 3)..]));
    }

    // Of the words that there are, how many tenths are different ones; only where there are enough to say.
    private static int Distinct(ReadOnlySpan<uint> words)
    {
        if (words.Length < 16)
        {
            return 15;
        }

        Span<ulong> seen = stackalloc ulong[64];
        seen.Clear();
        var (fresh, all) = (0, Math.Min(words.Length, 256));
        for (var i = 0; i < all; i++)
        {
            var slot = (words[i] * 0x9E3779B1u) >> 20;
            ref var bits = ref seen[(int)(slot >> 6) & 63];
            fresh += (bits >> (int)(slot & 63) & 1) == 0 ? 1 : 0;
            bits |= 1UL << (int)(slot & 63);
        }

        return fresh * 10 / all;
    }

    // Signs that neither end a word nor stand between words as people write, for each hundred characters.
    private static int Noise(ReadOnlySpan<char> text)
    {
        var odd = 0;
        for (var i = 1; i + 1 < text.Length; i++)
        {
            odd += text[i] is '{' or '}' or '[' or ']' or '\\' or '=' or '^' or '|' or '~' or '<' or '>' or '*' or '#' or '_' or '+' or '@' or '$' || (text[i] is '(' or ')' or '"' or ':' or ';' or '!' or '/' or '.' or ',' && CharClass.IsWord(text[i + 1]) && CharClass.IsWord(text[i - 1])) ? 1 : 0;
        }

        return Math.Min(12, odd * 100 / Math.Max(40, text.Length));
    }

    private static int Bucket(int count) => BitOperations.Log2((uint)count + 1);

    private static void Add(IFeatureSink sink, int group, int value) => sink.Add(FeatureKey.Of(FeatureKind.WindowStructure, (uint)(group + value)), Value);

    private static void If(IFeatureSink sink, int what, bool holds)
    {
        if (holds)
        {
            Add(sink, what, 0);
        }
    }
}
