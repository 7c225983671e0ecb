using System.Reflection;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Weights of features, made by the training program in benchmarks/guardrails.</summary>
internal sealed class LinearModel
{
    /// <summary>What a file of weights begins with.</summary>
    public const uint Magic = 0x314D4947;

    private const string Resource = "Gateway.Guardrails.Engine.Injection.Model.bin";
    private readonly Entry[] _entries;
    private readonly int _shift;

    private LinearModel(IReadOnlyList<(uint Key, float Weight)> entries, ModelConstants constants)
    {
        Constants = constants;
        var bits = Math.Max(4, 33 - System.Numerics.BitOperations.LeadingZeroCount((uint)Math.Max(1, entries.Count)));
        _entries = new Entry[1 << bits];
        _shift = 32 - bits;
        foreach (var (key, weight) in entries)
        {
            var slot = Slot(key);
            while (_entries[slot].Key != 0)
            {
                slot = (slot + 1) & (_entries.Length - 1);
            }

            _entries[slot] = new Entry(key, weight);
        }
    }

    /// <summary>The model of this release, read once.</summary>
    public static LinearModel Default { get; } = LoadDefault();

    public ModelConstants Constants { get; }

    /// <summary>The weight of a feature; 0 when it has none.</summary>
    public float Weight(uint key)
    {
        for (var slot = Slot(key); ; slot = (slot + 1) & (_entries.Length - 1))
        {
            ref readonly var entry = ref _entries[slot];
            if (entry.Key == key)
            {
                return entry.Weight;
            }

            if (entry.Key == 0)
            {
                return 0;
            }
        }
    }

    /// <summary>Builds a model from weights.</summary>
    public static LinearModel Of(IReadOnlyList<(uint Key, float Weight)> entries, ModelConstants constants) => new(entries, constants);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static LinearModel Read(Stream stream)
    {
        using var reader = new BinaryReader(stream);
        if (reader.ReadUInt32() != Magic)
        {
            throw new InvalidDataException("This is not a model of injection features.");
        }

        var constants = new ModelConstants(Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadSingle()).ToArray());
        var count = reader.ReadInt32();
        var scale = reader.ReadSingle();
        var keys = Enumerable.Range(0, count).Select(_ => reader.ReadUInt32()).ToArray();
        return new LinearModel([.. keys.Select(key => (key, reader.ReadInt16() * scale))], constants);
    }

    /// <summary>Writes weights, sixteen bits each.</summary>
    public static void Write(Stream stream, IReadOnlyList<(uint Key, float Weight)> entries, ModelConstants constants)
    {
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(constants.Values.Count);
        foreach (var value in constants.Values)
        {
            writer.Write(value);
        }

        var scale = Math.Max(1e-6f, entries.Count == 0 ? 1 : entries.Max(static e => Math.Abs(e.Weight))) / short.MaxValue;
        writer.Write(entries.Count);
        writer.Write(scale);
        foreach (var (key, _) in entries)
        {
            writer.Write(key);
        }

        foreach (var (_, weight) in entries)
        {
            writer.Write((short)MathF.Round(weight / scale));
        }
    }

    private int Slot(uint key) => (int)((key * 0x9E3779B1u) >> _shift);

    private static LinearModel LoadDefault()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        return Read(stream);
    }

    private readonly record struct Entry(uint Key, float Weight);
}

/// <summary>Figures of the model that belong to no feature, by place.</summary>
/// <param name="Values">See the properties.</param>
internal sealed record ModelConstants(IReadOnlyList<float> Values)
{
    /// <summary>How many there are.</summary>
    public const int Count = 13;

    public float SentenceBias => Values[0];

    public float WindowBias => Values[1];

    /// <summary>From which logit on a sentence alone is enough.</summary>
    public float SentenceThreshold => Values[2];

    /// <summary>From which logit on the window and its sentences together are.</summary>
    public float Threshold => Values[3];

    public float StackBias => Values[4];

    public float StackWindow => Values[5];

    public float StackBest => Values[6];

    public float StackSecond => Values[7];

    public float StackLength => Values[8];

    public float StackMean => Values[9];

    /// <summary>From which logit on a sentence of data is enough.</summary>
    public float DataThreshold => Values[10];

    /// <summary>Added to what was hidden.</summary>
    public float LayerBonus => Values[11];

    /// <summary>From which logit on the window alone is enough.</summary>
    public float WindowThreshold => Values[12];
}
