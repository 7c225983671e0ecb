using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>
/// Weights of features, made by the training program in benchmarks/guardrails. Eight features lie together with their weights in one line of the processor's cache, so that a feature
/// costs one look, whether it is there or not; of a place that more than eight share those that weigh most are kept.
/// </summary>
internal sealed class LinearModel
{
    /// <summary>What a file of weights begins with.</summary>
    public const uint Magic = 0x334D4947;

    /// <summary>Most features of one place.</summary>
    public const int Slots = 8;

    // So many sums of the largest weight fit sixteen bits.
    private const int MostWeight = 1023;
    private const int MostAtOnce = 32;

    private const string Resource = "Gateway.Guardrails.Engine.Injection.Model.bin";
    private const int Places = 1 << FeatureKey.PlaceBits;
    private const int PlaceLength = 32;
    private const int LineLength = 64;
    private readonly ushort[] _table = GC.AllocateArray<ushort>((Places * PlaceLength) + LineLength, pinned: true);
    private readonly int _from;

    private LinearModel(float scale, ModelConstants constants)
    {
        (Constants, Scale) = (constants, scale);
        _from = (int)((LineLength - (Marshal.UnsafeAddrOfPinnedArrayElement(_table, 0) & (LineLength - 1))) & (LineLength - 1)) / sizeof(ushort);
    }

    /// <summary>The model of this release, read once.</summary>
    public static LinearModel Default { get; } = LoadDefault();

    public ModelConstants Constants { get; }

    /// <summary>What one unit of a weight is.</summary>
    public float Scale { get; }

    /// <summary>Adds the weights of features, in units of <see cref="Scale"/>.</summary>
    public void Add(ReadOnlySpan<uint> keys, ref FeatureSums sums)
    {
        ref var table = ref _table[_from];
        while (!keys.IsEmpty)
        {
            var (sentence, window, frame) = (Vector128<short>.Zero, Vector128<short>.Zero, Vector128<short>.Zero);
            foreach (var key in keys[..Math.Min(keys.Length, MostAtOnce)])
            {
                // The upper bits are below the number of places, whatever the key.
                var at = (nuint)(key >> (32 - FeatureKey.PlaceBits)) * PlaceLength;
                var here = Vector128.Equals(Vector128.LoadUnsafe(ref table, at), Vector128.Create((ushort)key));
                sentence += (here & Vector128.LoadUnsafe(ref table, at + Slots)).AsInt16();
                window += (here & Vector128.LoadUnsafe(ref table, at + (2 * Slots))).AsInt16();
                frame += (here & Vector128.LoadUnsafe(ref table, at + (3 * Slots))).AsInt16();
            }

            sums.Sentence += Sum(sentence);
            sums.Window += Sum(window);
            sums.Frame += Sum(frame);
            keys = keys[Math.Min(keys.Length, MostAtOnce)..];
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

        var constants = new ModelConstants([.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadSingle())]);
        var model = new LinearModel(reader.ReadSingle(), constants);
        var counts = reader.ReadBytes(Places);
        foreach (var part in Enumerable.Range(0, 4))
        {
            for (var place = 0; place < Places; place++)
            {
                for (var slot = 0; slot < counts[place]; slot++)
                {
                    model._table[model._from + (place * PlaceLength) + (part * Slots) + slot] = part == 0 ? reader.ReadUInt16() : (ushort)reader.ReadInt16();
                }
            }
        }

        return model;
    }

    /// <summary>Writes weights; of those that share a place the heaviest.</summary>
    /// <returns>How many there is room for.</returns>
    public static int Write(Stream stream, IReadOnlyList<FeatureWeights> entries, ModelConstants constants)
    {
        using var writer = new BinaryWriter(stream);
        writer.Write(Magic);
        writer.Write(constants.Values.Count);
        foreach (var value in constants.Values)
        {
            writer.Write(value);
        }

        var scale = Math.Max(1e-6f, entries.Count == 0 ? 1 : entries.Max(static e => e.Largest)) / MostWeight;
        writer.Write(scale);
        var places = new List<FeatureWeights>[Places];
        foreach (var entry in entries.OrderByDescending(static e => e.Largest).ThenBy(static e => e.Key))
        {
            var place = places[entry.Key >> (32 - FeatureKey.PlaceBits)] ??= [];
            if (place.Count < Slots)
            {
                place.Add(entry);
            }
        }

        foreach (var place in places)
        {
            writer.Write((byte)(place?.Count ?? 0));
        }

        var kept = places.Where(static p => p is not null).SelectMany(static p => p).ToArray();
        foreach (var entry in kept)
        {
            writer.Write((ushort)entry.Key);
        }

        foreach (var part in new Func<FeatureWeights, float>[] { static e => e.Sentence, static e => e.Window, static e => e.Frame })
        {
            foreach (var entry in kept)
            {
                writer.Write((short)MathF.Round(part(entry) / scale));
            }
        }

        return kept.Length;
    }

    private static int Sum(Vector128<short> lanes)
    {
        var (lower, upper) = Vector128.Widen(lanes);
        return Vector128.Sum(lower + upper);
    }

    private static LinearModel LoadDefault()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        return Read(stream);
    }
}

/// <summary>Sums of weights: in the model of sentences, in that of windows and in that of frames.</summary>
internal record struct FeatureSums(int Sentence, int Window, int Frame);

/// <summary>What a feature weighs in each of the three models.</summary>
internal readonly record struct FeatureWeights(uint Key, float Sentence, float Window, float Frame)
{
    /// <summary>The weight that is largest, without its sign.</summary>
    public float Largest => MathF.Max(MathF.Abs(Sentence), MathF.Max(MathF.Abs(Window), MathF.Abs(Frame)));
}
