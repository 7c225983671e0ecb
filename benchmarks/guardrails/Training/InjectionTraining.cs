using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>
/// Trains the model of prompt injection. Families are held out in turn, and what is said of an example while its family was held out decides how the models are put together
/// and where the thresholds lie; then both are fitted to everything.
/// </summary>
internal static class InjectionTraining
{
    private const float LayerBonus = 0.5f;

    private static readonly string _modelPath = Path.Combine(Data.Root, "services", "Shared", "Guardrails.Engine", "Injection", "Model.bin");
    private static (IReadOnlyList<HeldOutScore> Held, IReadOnlyList<HeldOutScore> Known, ModelConstants Constants)? _judged;
    private static ReadExample[]? _read;

    /// <summary>The model as it lies in the engine's folder, which may be newer than the one that was built in.</summary>
    public static LinearModel Latest()
    {
        using var file = File.OpenRead(_modelPath);
        return LinearModel.Read(file);
    }

    /// <summary>Makes the model anew and leaves it in the engine's folder.</summary>
    public static QualityTable? Run(Options options)
    {
        if (Read() is not { } read)
        {
            return null;
        }

        var constants = Judge(options)!.Value.Constants;
        var (entries, sentenceBias, windowBias, frameBias) = InjectionFit.To(read).Weights();
        var values = constants.Values.ToArray();
        (values[0], values[1], values[13]) = (sentenceBias, windowBias, frameBias);
        int kept;
        using (var file = File.Create(_modelPath))
        {
            kept = LinearModel.Write(file, entries, new ModelConstants(values));
        }

        Console.WriteLine($"{kept} of {entries.Count} weights, {new FileInfo(_modelPath).Length / 1024} KB");
        return null;
    }

    /// <summary>What is said of each example by models that had not seen its source and, of the open sets, by models that had seen other texts of it, and how models are put together; null where the sets are absent.</summary>
    public static (IReadOnlyList<HeldOutScore> Held, IReadOnlyList<HeldOutScore> Known, ModelConstants Constants)? Judge(Options options)
    {
        if (_judged is null && Read() is { } read)
        {
            var held = HeldOut.Sources(read, options.Keep);
            var known = HeldOut.Texts(read, options.Keep);
            _judged = (held, known, Constants(held, known));
        }

        return _judged;
    }

    /// <summary>The examples of a family that are held out a part at a time rather than all at once.</summary>
    /// <remarks>
    /// Plain text is plentiful and of one kind. Of data and frames with and without something planted either alone would teach that the surroundings are what matters. Of prompts
    /// whose frame is an attack's and whose wish is harmless there is one collection, and one of the opposite.
    /// </remarks>
    public static bool IsSplit(string family) => family.StartsWith("plain", StringComparison.Ordinal)
        || family is "wildguard-benign" or "jailbreakbench-artifacts" or "own benign: data" or "own benign: frames" or "own jailbreak: frames";

    // What comes of one source is held out together. The parts of one language say the same things in the same words, so they are held out together; so are a collection's own parts.
    public static string HeldWith(string family) => family.Split(": ")[0] is var first && (first.StartsWith("own languages", StringComparison.Ordinal) || first == "purplellama-injection indirect") ? first.Replace(" indirect", "", StringComparison.Ordinal)
        : family.StartsWith("deepset", StringComparison.Ordinal) ? "deepset" : family;

    private static ReadExample[]? Read()
    {
        if (OpenSets.Folder is null)
        {
            Console.WriteLine("injection: the sets are not beside the project (../shared/data).");
            return null;
        }

        return _read ??= [.. OpenSets.All().Concat(OwnExamples.All()).Where(static e => e.Text.Trim().Length > 1).DistinctBy(static e => (e.Text, e.Source)).AsParallel().AsOrdered().Select(static e => new Features().Read(e))];
    }

    private static ModelConstants Constants(IReadOnlyList<HeldOutScore> held, IReadOnlyList<HeldOutScore> known)
    {
        var values = new float[ModelConstants.Count];
        StackFit.To(held, values);
        values[11] = LayerBonus;
        return Thresholds.Choose([.. held, .. known], values);
    }
}
