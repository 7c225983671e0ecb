using Gateway.Guardrails.Engine.Injection;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Features of one sentence or window: keys, or places in a vocabulary, and values. The first <paramref name="Words"/> of them are words.</summary>
internal sealed record Vector(int[] Keys, float[] Values, int Words = 0);

/// <summary>One window of an example, read.</summary>
/// <param name="Sentences">Its sentences.</param>
/// <param name="IsPlanted">For each sentence, whether it lies in the planted order; null where that is not known.</param>
/// <param name="Window">The window as a whole.</param>
/// <param name="IsLayer">Whether it was hidden in the example.</param>
internal sealed record ReadWindow(IReadOnlyList<Vector> Sentences, bool[]? IsPlanted, Vector Window, bool IsLayer);

/// <summary>An example, read.</summary>
internal sealed record ReadExample(Example Example, IReadOnlyList<ReadWindow> Windows);

/// <summary>Reads examples into features with the engine's own reader.</summary>
internal sealed class Features : IWindowVisitor
{
    // Long prompts of one collection would outweigh the rest of it.
    private const int MaxWindows = 6;

    private readonly List<uint> _words = [];
    private readonly List<uint> _meanings = [];
    private readonly List<Vector> _sentences = [];
    private readonly List<bool> _planted = [];
    private Func<Sentence, bool> _isPlanted = static _ => false;
    private Vector _window = new([], []);

    public ReadExample Read(Example example)
    {
        var windows = new List<ReadWindow>();
        for (var at = 0; at < example.Text.Length && windows.Count < MaxWindows;)
        {
            var length = InjectionScorer.WindowEnd(example.Text.AsSpan(at));
            var text = example.Text.AsSpan(at, length);
            using var folded = TextFolder.Fold(text);
            var layers = LayerReader.Read(text, folded);
            var (from, until) = (example.PlantedAt - at, example.PlantedAt + example.PlantedLength - at);
            _isPlanted = s => folded.Origin(s.Start) < until && folded.Origin(s.End) > from + 1;
            windows.Add(One(text, folded, example, layers, isLayer: false));
            foreach (var layer in layers)
            {
                using var inner = TextFolder.Fold(layer.Text);
                windows.Add(One(layer.Text, inner, example with { PlantedAt = -1 }, [], isLayer: true));
            }

            at += length;
        }

        return new ReadExample(example, windows);
    }

    void IWindowVisitor.Sentence(in Sentence sentence, FeatureList features, int words)
    {
        _words.AddRange(features.Words.Keys);
        _meanings.AddRange(features.Meanings.Keys);
        _planted.Add(_isPlanted(sentence));

        // The first of the others is the word that the sentence begins with.
        var first = words > 0 ? features.Strong.Keys[..1] : default;
        var value = FeatureList.WordValue(words);
        _sentences.Add(Merged([.. Valued(features.Words.Keys, value), .. Valued(features.Order.Keys, value), .. Valued(first, FeatureList.StrongValue)],
            [.. Valued(features.Meanings.Keys, value), .. Valued(features.Strong.Keys[first.Length..], FeatureList.StrongValue), .. Valued(features.Weak.Keys, FeatureList.WeakValue)]));
    }

    void IWindowVisitor.Window(FeatureList features, int words)
    {
        var value = FeatureList.WordValue(words);
        _words.AddRange(features.Words.Keys);
        _meanings.AddRange(features.Meanings.Keys);
        _window = Merged([.. Valued([.. _words], value)], [.. Valued([.. _meanings], value), .. Valued(features.Strong.Keys, FeatureList.StrongValue), .. Valued(features.Weak.Keys, FeatureList.WeakValue)]);
    }

    private ReadWindow One(ReadOnlySpan<char> text, FoldedText folded, Example example, IReadOnlyList<DecodedLayer> layers, bool isLayer)
    {
        _sentences.Clear();
        _planted.Clear();
        _words.Clear();
        _meanings.Clear();
        WindowReader.OfThread.Read(text, folded, example.Source, layers, isLayer, this);
        return new ReadWindow([.. _sentences], example.PlantedAt < 0 ? null : [.. _planted], _window, isLayer);
    }

    private static (int Key, float Value)[] Valued(ReadOnlySpan<uint> keys, float value)
    {
        var valued = new (int, float)[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            valued[i] = ((int)keys[i], value);
        }

        return valued;
    }

    private static Vector Merged((int Key, float Value)[] words, (int Key, float Value)[] others)
    {
        var places = new Dictionary<int, int>(words.Length + others.Length);
        var values = new List<float>(words.Length + others.Length);
        var wordCount = 0;
        foreach (var part in new[] { words, others })
        {
            foreach (var (key, value) in part)
            {
                if (places.TryAdd(key, values.Count))
                {
                    values.Add(value);
                }
                else
                {
                    values[places[key]] += value;
                }
            }

            wordCount = part == words ? values.Count : wordCount;
        }

        var keys = new int[values.Count];
        foreach (var (key, place) in places)
        {
            keys[place] = key;
        }

        return new Vector(keys, [.. values], wordCount);
    }
}
