using System.Reflection;

namespace Gateway.Guardrails.Deep;

/// <summary>The head over what the fast tier found and the vector of the worst sentence with what is around it: one logistic regression, made by the training program in benchmarks/guardrails.</summary>
internal sealed class DeepModel
{
    /// <summary>What a file of weights begins with.</summary>
    public const uint Magic = 0x324D4447;

    private const string Resource = "Gateway.Guardrails.Deep.DeepModel.bin";
    private readonly float[] _weights;

    public DeepModel(float[] weights, float personThreshold, float dataThreshold)
    {
        _weights = weights.Length == DeepFeatures.Count ? weights : throw new InvalidDataException($"The deep model has {weights.Length} weights; {DeepFeatures.Count} are needed.");
        (PersonThreshold, DataThreshold) = (personThreshold, dataThreshold);
    }

    /// <summary>The model of this release, read once.</summary>
    public static DeepModel Default { get; } = Load();

    /// <summary>From which logit on a text that a person wrote is taken for an attack.</summary>
    public float PersonThreshold { get; }

    /// <summary>The same for data.</summary>
    public float DataThreshold { get; }

    /// <summary>The logit of a text.</summary>
    public float Logit(ReadOnlySpan<float> features)
    {
        var sum = 0f;
        for (var i = 0; i < _weights.Length; i++)
        {
            sum += _weights[i] * features[i];
        }

        return sum;
    }

    public void Write(Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(PersonThreshold);
        writer.Write(DataThreshold);
        writer.Write(_weights.Length);
        foreach (var weight in _weights)
        {
            writer.Write((Half)weight);
        }
    }

    private static DeepModel Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        using var reader = new BinaryReader(stream);
        if (reader.ReadUInt32() != Magic)
        {
            throw new InvalidDataException("This is not a deep model of injection.");
        }

        var (person, data) = (reader.ReadSingle(), reader.ReadSingle());
        return new DeepModel([.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => (float)reader.ReadHalf())], person, data);
    }
}
