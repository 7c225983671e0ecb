namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>The features that are common enough to be learnt from: seen in several examples of more than one family, so that what marks one collection is not taken for what marks attacks.</summary>
internal sealed class Vocabulary
{
    private const int MinExamples = 3;
    private const int MinFamilies = 2;
    private readonly Dictionary<int, int> _places = [];

    private Vocabulary()
    {
    }

    public int Count => _places.Count;

    public IEnumerable<(uint Key, int Place)> All => _places.Select(static p => ((uint)p.Key, p.Value));

    public static Vocabulary Of(IEnumerable<ReadExample> examples)
    {
        var seen = new Dictionary<int, (int Examples, int Family, bool Several)>();
        var families = new Dictionary<string, int>(StringComparer.Ordinal);
        var here = new HashSet<int>();
        foreach (var example in examples)
        {
            if (!families.TryGetValue(example.Example.Family, out var family))
            {
                families[example.Example.Family] = family = families.Count;
            }

            here.Clear();
            foreach (var window in example.Windows)
            {
                here.UnionWith(window.Window.Keys);
                foreach (var sentence in window.Sentences)
                {
                    here.UnionWith(sentence.Keys);
                }
            }

            foreach (var key in here)
            {
                seen[key] = seen.TryGetValue(key, out var known) ? (known.Examples + 1, family, known.Several || known.Family != family) : (1, family, false);
            }
        }

        var vocabulary = new Vocabulary();
        foreach (var (key, (count, _, several)) in seen)
        {
            if (count >= MinExamples && (several || MinFamilies < 2))
            {
                vocabulary._places[key] = vocabulary._places.Count;
            }
        }

        return vocabulary;
    }

    /// <summary>The vector with places for keys; -1 for what is not in the vocabulary.</summary>
    public Vector Map(Vector vector) => new([.. vector.Keys.Select(k => _places.GetValueOrDefault(k, -1))], vector.Values, vector.Words);
}
