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
internal sealed class Features : IWindowVisitor, IFeatureSink
{
    // Long prompts of one collection would outweigh the rest of it.
    private const int MaxWindows = 6;

    private readonly List<(int Key, float Value)> _current = [];
    private readonly List<Vector> _sentences = [];
    private readonly List<bool> _planted = [];
    private Func<Sentence, bool> _isPlanted = static _ => false;
    private bool _isWindow;
    private int _words;

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

    void IFeatureSink.EndWords() => _words = _current.Count;

    void IFeatureSink.Add(uint key, float value) => _current.Add(((int)key, value));

    IFeatureSink IWindowVisitor.BeginSentence(in Sentence sentence, ulong concepts)
    {
        _current.Clear();
        _planted.Add(_isPlanted(sentence));
        return this;
    }

    void IWindowVisitor.EndSentence() => _sentences.Add(Take());

    IFeatureSink IWindowVisitor.BeginWindow()
    {
        _current.Clear();
        _isWindow = true;
        return this;
    }

    private ReadWindow One(ReadOnlySpan<char> text, FoldedText folded, Example example, IReadOnlyList<DecodedLayer> layers, bool isLayer)
    {
        _sentences.Clear();
        _planted.Clear();
        _isWindow = false;
        WindowReader.OfThread.Read(text, folded, example.Source, layers, isLayer, this);
        var window = _isWindow ? Take() : new Vector([], []);
        return new ReadWindow([.. _sentences], example.PlantedAt < 0 ? null : [.. _planted], window, isLayer);
    }

    private Vector Take()
    {
        var words = _current.Take(_words).Select(static f => f.Key).Distinct().Count();
        var merged = _current.GroupBy(static f => f.Key).Select(static g => (g.Key, Value: g.Sum(static f => f.Value))).ToArray();
        return new Vector([.. merged.Select(static f => f.Key)], [.. merged.Select(static f => f.Value)], words);
    }
}
