using System.Reflection;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Weights of features, made by the training program in benchmarks/guardrails.</summary>
internal sealed class LinearModel
{
    /// <summary>What a file of weights begins with.</summary>
    public const uint Magic = 0x324D4947;

    private const string Resource = "Gateway.Guardrails.Engine.Injection.Model.bin";
    private readonly Entry[] _entries;
    private readonly int _shift;
    private readonly float _scale;

    private LinearModel(IReadOnlyList<(uint Key, short Weight, short Frame)> entries, float scale, ModelConstants constants)
    {
        (Constants, _scale) = (constants, scale);
        var bits = Math.Max(4, 33 - System.Numerics.BitOperations.LeadingZeroCount((uint)Math.Max(1, entries.Count)));
        _entries = new Entry[1 << bits];
        _shift = 32 - bits;
        foreach (var (key, weight, frame) in entries)
        {
            var slot = Slot(key);
            while (_entries[slot].Key != 0)
            {
                slot = (slot + 1) & (_entries.Length - 1);
            }

            _entries[slot] = new Entry(key, weight, frame);
        }
    }

    /// <summary>The model of this release, read once.</summary>
    public static LinearModel Default { get; } = LoadDefault();

    public ModelConstants Constants { get; }

    /// <summary>The weights of a feature: in the model of its kind, and in that of frames; 0 when it has none.</summary>
    public (float Weight, float Frame) Weights(uint key)
    {
        for (var slot = Slot(key); ; slot = (slot + 1) & (_entries.Length - 1))
        {
            ref readonly var entry = ref _entries[slot];
            if (entry.Key == key)
            {
                return (entry.Weight * _scale, entry.Frame * _scale);
            }

            if (entry.Key == 0)
            {
                return default;
            }
        }
    }

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
        var weights = Enumerable.Range(0, count).Select(_ => reader.ReadInt16()).ToArray();
        return new LinearModel([.. keys.Select((key, i) => (key, weights[i], reader.ReadInt16()))], scale, constants);
    }

    /// <summary>Writes weights, sixteen bits each.</summary>
    public static void Write(Stream stream, IReadOnlyList<(uint Key, float Weight, float Frame)> entries, ModelConstants constants)
    {
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(constants.Values.Count);
        foreach (var value in constants.Values)
        {
            writer.Write(value);
        }

        var scale = Math.Max(1e-6f, entries.Count == 0 ? 1 : entries.Max(static e => Math.Max(Math.Abs(e.Weight), Math.Abs(e.Frame)))) / short.MaxValue;
        writer.Write(entries.Count);
        writer.Write(scale);
        foreach (var (key, _, _) in entries)
        {
            writer.Write(key);
        }

        foreach (var (_, weight, _) in entries)
        {
            writer.Write((short)MathF.Round(weight / scale));
        }

        foreach (var (_, _, frame) in entries)
        {
            writer.Write((short)MathF.Round(frame / scale));
        }
    }

    private int Slot(uint key) => (int)((key * 0x9E3779B1u) >> _shift);

    private static LinearModel LoadDefault()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        return Read(stream);
    }

    // Eight bytes each: what is looked up all the time is to stay near the processor.
    private readonly record struct Entry(uint Key, short Weight, short Frame);
}

/// <summary>Figures of the model that belong to no feature, by place.</summary>
/// <param name="Values">See the properties.</param>
internal sealed record ModelConstants(IReadOnlyList<float> Values)
{
    /// <summary>How many there are.</summary>
    public const int Count = 15;

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

    public float FrameBias => Values[13];

    /// <summary>From which logit on a window is a wish for harm in a frame.</summary>
    public float FrameThreshold => Values[14];

    /// <summary>How far a window is above the nearer of its two thresholds.</summary>
    /// <param name="window">Its logit as a whole.</param>
    /// <param name="frame">Its logit as a frame.</param>
    public float Above(float window, float frame) => MathF.Max(window - WindowThreshold, frame - FrameThreshold) * StackWindow;
}
