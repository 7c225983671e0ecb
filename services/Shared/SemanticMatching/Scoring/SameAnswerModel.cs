using Gateway.SemanticMatching.Pairs;
using Gateway.SemanticMatching.Questions;

namespace Gateway.SemanticMatching.Scoring;

/// <summary>
/// How likely it is that two questions have the same answer, from a cheap second look at them beside the cosine of their embeddings. Thread-safe, no I/O; the
/// weights are made by <c>benchmarks/semcache train</c> and lie in the assembly.
/// </summary>
public sealed class SameAnswerModel
{
    /// <summary>Features of a pair.</summary>
    internal const int Features = PairFeatures.Count + 2;

    private const int Magic = 0x31415347;
    private static readonly Lazy<SameAnswerModel> Shared = new(LoadDefault);

    private readonly VectorHead _vectors;
    private readonly WordsHead _words;
    private readonly CalibratedTrees _full;
    private readonly CalibratedTrees _plain;

    internal SameAnswerModel(VectorHead vectors, WordsHead words, CalibratedTrees full, CalibratedTrees plain)
    {
        _vectors = vectors;
        _words = words;
        _full = full;
        _plain = plain;
    }

    /// <summary>The trained model that comes with the gateway.</summary>
    public static SameAnswerModel Default => Shared.Value;

    /// <summary>Log-odds of the same answer; 0 is as likely as not.</summary>
    /// <param name="a">One question.</param>
    /// <param name="b">The other; the order does not matter.</param>
    /// <param name="cosine">Cosine of their embeddings.</param>
    /// <param name="vectorA">The embedding of <paramref name="a"/> where it is of the built-in model, else empty: the second look then does without.</param>
    /// <param name="vectorB">The same of <paramref name="b"/>.</param>
    public double LogOdds(QuestionText a, QuestionText b, float cosine, ReadOnlySpan<float> vectorA = default, ReadOnlySpan<float> vectorB = default)
    {
        Span<float> x = stackalloc float[Features];
        var logOdds = Fill(a, b, cosine, vectorA, vectorB, x).LogOdds(x);
        return logOdds > Guards.Ceiling && Guards.Find(a, b) is not null ? Guards.Ceiling : logOdds;
    }

    /// <summary>Why <see cref="LogOdds"/> is what it is: the features, the weightiest first, and before them the sign that decides alone where there is one.</summary>
    /// <inheritdoc cref="LogOdds" path="/param"/>
    public IReadOnlyList<FeatureContribution> Explain(
        QuestionText a, QuestionText b, float cosine, ReadOnlySpan<float> vectorA = default, ReadOnlySpan<float> vectorB = default)
    {
        var x = new float[Features];
        var trees = Fill(a, b, cosine, vectorA, vectorB, x);
        var contributions = trees.Explain(x);
        var excess = trees.LogOdds(x) - Guards.Ceiling;
        FeatureContribution[] guard = excess > 0 && Guards.Find(a, b) is { } sign ? [new FeatureContribution("guard", sign, 1, -excess)] : [];
        return
        [
            .. guard,
            .. contributions.Select((c, i) => new FeatureContribution(FeatureNames.All[i].Name, FeatureNames.All[i].Meaning, x[i], c))
                .OrderByDescending(static f => Math.Abs(f.Contribution)).ThenBy(static f => f.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Turns log-odds into a probability.</summary>
    /// <param name="logOdds">Any number.</param>
    public static double Probability(double logOdds) => 1 / (1 + Math.Exp(-logOdds));

    internal void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Features);
        _vectors.Write(writer);
        _words.Write(writer);
        _full.Write(writer);
        _plain.Write(writer);
    }

    internal static SameAnswerModel Read(Stream stream)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        try
        {
            if (reader.ReadInt32() != Magic || reader.ReadInt32() != Features)
            {
                throw new InvalidDataException("The verifier's weights are of another version; train them anew with benchmarks/semcache.");
            }

            return new SameAnswerModel(VectorHead.Read(reader), WordsHead.Read(reader), CalibratedTrees.Read(reader, Features), CalibratedTrees.Read(reader, Features));
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The verifier's weights are cut off.", e);
        }
    }

    private CalibratedTrees Fill(QuestionText a, QuestionText b, float cosine, ReadOnlySpan<float> vectorA, ReadOnlySpan<float> vectorB, Span<float> x)
    {
        PairFeatures.Compute(a, b, cosine, x);
        var full = vectorA.Length == _vectors.Dimensions && vectorB.Length == _vectors.Dimensions;
        x[PairFeatures.Count] = full ? _vectors.Score(vectorA, vectorB) : 0;
        x[PairFeatures.Count + 1] = _words.Score(a, b);
        return full ? _full : _plain;
    }

    private static SameAnswerModel LoadDefault()
    {
        using var stream = typeof(SameAnswerModel).Assembly.GetManifestResourceStream("Gateway.SemanticMatching.same-answer.model")
            ?? throw new InvalidOperationException("The verifier's weights are missing from the assembly.");
        return Read(stream);
    }
}

/// <summary>One feature of a pair and what it did.</summary>
/// <param name="Name">Its name, for example <c>numbers_differ</c>.</param>
/// <param name="Meaning">What it says, in words.</param>
/// <param name="Value">Its value.</param>
/// <param name="Contribution">What it added to the log-odds.</param>
public sealed record FeatureContribution(string Name, string Meaning, double Value, double Contribution);
