using System.Text.Json;
using Gateway.SemanticMatching.Pairs;
using Gateway.SemanticMatching.Questions;
using Gateway.Testing;

namespace Gateway.Benchmarks.SemCache.Data;

/// <summary>The development pairs, embedded, and their two halves.</summary>
internal sealed class PairSet
{
    private const string File = "semcache/gptcache/qqp-dev-12000.jsonl";
    private readonly Dictionary<string, float[]> _vectors;

    private PairSet(IReadOnlyList<QuestionPair> pairs, Dictionary<string, float[]> vectors)
    {
        _vectors = vectors;
        All = pairs;
        (Train, Test) = Halves(pairs);
    }

    public IReadOnlyList<QuestionPair> All { get; }

    public IReadOnlyList<QuestionPair> Train { get; }

    public IReadOnlyList<QuestionPair> Test { get; }

    /// <summary>Where the data is, or null.</summary>
    public static string? Path() => System.IO.Path.Combine(SourceTree.SharedData, File) is var path && System.IO.File.Exists(path) ? path : null;

    public static PairSet Load(string path, string? vectorCache)
    {
        var raw = System.IO.File.ReadLines(path).Select(static line =>
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return (A: root.GetProperty("text_a").GetString()!, B: root.GetProperty("text_b").GetString()!, Same: root.GetProperty("label").GetInt32() == 1);
        }).ToList();
        var vectors = VectorCache.Embed([.. raw.SelectMany(static p => new[] { p.A, p.B }).Distinct(StringComparer.Ordinal)], vectorCache);
        return new PairSet([.. raw.Select((p, i) => new QuestionPair(i, p.A, p.B, p.Same, vectors[p.A], vectors[p.B]))], vectors);
    }

    public float[] Vector(string text) => _vectors[text];

    /// <summary>
    /// Pairs that share a question, directly or over others, go to the same half, so that no question is in both; such groups go to the half that has fewer
    /// pairs, in the order of the file.
    /// </summary>
    private static (IReadOnlyList<QuestionPair> Train, IReadOnlyList<QuestionPair> Test) Halves(IReadOnlyList<QuestionPair> pairs)
    {
        var parent = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var (a, b) = (Root(QuestionText.Normalize(pair.A)), Root(QuestionText.Normalize(pair.B)));
            parent[a] = b;
        }

        var (train, test) = (new List<QuestionPair>(), new List<QuestionPair>());
        foreach (var group in pairs.GroupBy(p => Root(QuestionText.Normalize(p.A)), StringComparer.Ordinal))
        {
            (train.Count <= test.Count ? train : test).AddRange(group);
        }

        return (train, test);

        string Root(string text)
        {
            while (parent.TryGetValue(text, out var next) && !string.Equals(next, text, StringComparison.Ordinal))
            {
                text = next;
            }

            return parent[text] = text;
        }
    }
}

/// <summary>Two questions, and whether people said that they ask the same.</summary>
internal sealed record QuestionPair(int Line, string A, string B, bool Same, float[] VectorA, float[] VectorB)
{
    public QuestionText TextA { get; } = QuestionText.Read(A);

    public QuestionText TextB { get; } = QuestionText.Read(B);

    public float Cosine { get; } = System.Numerics.Tensors.TensorPrimitives.Dot<float>(VectorA, VectorB);

    public float[] Features()
    {
        var x = new float[PairFeatures.Count];
        PairFeatures.Compute(TextA, TextB, Cosine, x);
        return x;
    }
}
