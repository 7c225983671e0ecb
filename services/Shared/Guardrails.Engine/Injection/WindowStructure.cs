using System.Buffers;
using System.Numerics;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Features of a window that words do not show: length, repetition, noise, hidden layers.</summary>
internal static class WindowStructure
{
    private static readonly SearchValues<char> _always = SearchValues.Create("{}[]\\=^|~<>*#_+@$");
    private static readonly SearchValues<char> _signs = SearchValues.Create("{}[]\\=^|~<>*#_+@$()\":;!/.,");

    public static void Emit(
        KeyList keys, ReadOnlySpan<char> original, FoldedText folded, ReadOnlySpan<uint> words, int wordCount, Marker markers, IReadOnlyList<DecodedLayer> layers, int sentences, int concepts, int longWords, int digits,
        TextSource source)
    {
        Add(keys, 0, Bucket(original.Length));
        Add(keys, 20, Bucket(sentences));
        Add(keys, 40, Math.Min(9, concepts * 20 / Math.Max(1, wordCount)));
        for (var set = (uint)markers; set != 0; set &= set - 1)
        {
            Add(keys, 60, BitOperations.TrailingZeroCount(set));
        }

        foreach (var layer in layers)
        {
            Add(keys, 80, (int)layer.Kind);
        }

        var counts = folded.Counts;
        If(keys, 100, counts.Invisible > 3);
        If(keys, 101, counts.Tags > 3);
        If(keys, 102, counts.Bidi > 1);
        If(keys, 103, counts.Styled > 3);
        If(keys, 104, counts.MixedWords > 0);
        If(keys, 105, counts.Symbols > 2);
        If(keys, 106, counts.Letters > 20 && counts.Upper * 2 > counts.Letters);
        If(keys, 107, longWords > 0);
        If(keys, 108, source == TextSource.Data);
        If(keys, 109, counts.NonAscii * 2 > counts.Letters);
        Add(keys, 120, Distinct(words));
        var (noise, noiseAtEnd) = Noise(folded.Text);
        Add(keys, 140, noise);
        Add(keys, 160, Math.Min(9, digits * 20 / Math.Max(1, wordCount)));
        Add(keys, 180, noiseAtEnd);
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

    // Signs that neither end a word nor stand between words as people write, for each hundred characters; of all the text and of its last third.
    private static (int All, int End) Noise(ReadOnlySpan<char> text)
    {
        var last = text.Length * 2 / 3;
        var (odd, oddAtEnd) = (0, 0);
        for (var i = text.IndexOfAny(_signs); i >= 0 && i + 1 < text.Length;)
        {
            if (i > 0 && (_always.Contains(text[i]) || (CharClass.IsWord(text[i + 1]) && CharClass.IsWord(text[i - 1]))))
            {
                odd++;
                oddAtEnd += i > last ? 1 : 0;
            }

            var next = text[(i + 1)..].IndexOfAny(_signs);
            i = next < 0 ? -1 : i + 1 + next;
        }

        return (Share(odd, text.Length), Share(oddAtEnd, text.Length - last));
    }

    private static int Share(int odd, int length) => Math.Min(12, odd * 100 / Math.Max(40, length));

    private static int Bucket(int count) => BitOperations.Log2((uint)count + 1);

    private static void Add(KeyList keys, int group, int value) => keys.Add(FeatureKey.Of(FeatureKind.WindowStructure, (uint)(group + value)));

    private static void If(KeyList keys, int what, bool holds)
    {
        if (holds)
        {
            Add(keys, what, 0);
        }
    }
}
