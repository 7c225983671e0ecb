using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>What the fast tier said of each example while its family was held out, in a file, so that the second tier can be worked on without training the first one anew each time.</summary>
internal static class HeldFile
{
    private const uint Magic = 0x314C4447;

    public static void Write(string path, IReadOnlyList<HeldOutScore> held, ModelConstants constants)
    {
        using var writer = new BinaryWriter(File.Create(path));
        writer.Write(Magic);
        writer.Write(KeyOf(held.Select(static h => h.Example)));
        foreach (var value in constants.Values)
        {
            writer.Write(value);
        }

        foreach (var score in held)
        {
            writer.Write(score.Windows.Count);
            foreach (var w in score.Windows)
            {
                writer.Write(w.Window);
                writer.Write(w.Frame);
                writer.Write(w.Best);
                writer.Write(w.Second);
                writer.Write(w.Mean);
                writer.Write(w.Sentences);
                writer.Write(w.IsLayer);
            }
        }
    }

    /// <summary>What the file says of these examples; null where it is of others, or of another model.</summary>
    public static (IReadOnlyList<HeldOutScore> Held, ModelConstants Constants)? Read(string path, IReadOnlyList<Example> examples)
    {
        using var reader = new BinaryReader(File.OpenRead(path));
        if (reader.ReadUInt32() != Magic || reader.ReadUInt64() != KeyOf(examples))
        {
            return null;
        }

        var constants = new ModelConstants([.. Enumerable.Range(0, ModelConstants.Count).Select(_ => reader.ReadSingle())]);
        return ([.. examples.Select(e => new HeldOutScore(e, [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => new WindowLogits(
            reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadInt32(), reader.ReadBoolean()))]))], constants);
    }

    // The model is made anew whenever what it reads or how it learns has changed.
    private static ulong KeyOf(IEnumerable<Example> examples) =>
        examples.Select(static e => StableHash.Of(e.Text, e.Source) ^ StableHash.Of(e.Family)).Aggregate(StableHash.Of(File.ReadAllBytes(InjectionTraining.ModelPath)), StableHash.Extend);
}
