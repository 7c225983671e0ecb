using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>
/// Trains the model of prompt injection. Families are held out in turn, and what is said of an example while its family was held out decides how the models are put together
/// and where the thresholds lie; then both are fitted to everything.
/// </summary>
internal static class InjectionTraining
{
    private const int Folds = 8;
    private const float LayerBonus = 0.5f;

    private static (IReadOnlyList<HeldOutScore> Held, ModelConstants Constants)? _judged;

    /// <summary>Where the model lies.</summary>
    public static string ModelPath { get; } = Path.Combine(Data.Root, "services", "Shared", "Guardrails.Engine", "Injection", "Model.bin");

    /// <summary>The model as it lies in the engine's folder, which may be newer than the one that was built in.</summary>
    public static LinearModel Latest()
    {
        using var file = File.OpenRead(ModelPath);
        return LinearModel.Read(file);
    }

    /// <summary>Makes the model anew and leaves it in the engine's folder.</summary>
    public static QualityTable? Run(Options options)
    {
        if (Read() is not { } read)
        {
            return null;
        }

        var held = HeldOut(read);
        var constants = Constants(held);
        _judged = (held, constants);
        var (entries, sentenceBias, windowBias, frameBias) = InjectionFit.To(read).Weights();
        var values = constants.Values.ToArray();
        (values[0], values[1], values[13]) = (sentenceBias, windowBias, frameBias);
        using (var file = File.Create(ModelPath))
        {
            LinearModel.Write(file, entries, new ModelConstants(values));
        }

        Console.WriteLine($"{entries.Count} weights, {new FileInfo(ModelPath).Length / 1024} KB");
        return null;
    }

    /// <summary>What is said of each example by models that had not seen its family, and how they are put together; null where the sets are absent.</summary>
    /// <param name="file">Where it is read from if it is there and of the same examples, and else kept; null: nowhere.</param>
    public static (IReadOnlyList<HeldOutScore> Held, ModelConstants Constants)? Judge(string? file = null)
    {
        if (_judged is null && file is not null && File.Exists(file) && Examples() is { } examples)
        {
            _judged = HeldFile.Read(file, examples);
        }

        if (_judged is null)
        {
            if (Read() is not { } read)
            {
                return null;
            }

            var held = HeldOut(read);
            _judged = (held, Constants(held));
        }

        if (file is not null)
        {
            HeldFile.Write(file, _judged.Value.Held, _judged.Value.Constants);
        }

        return _judged;
    }

    /// <summary>All examples, each once; null where the sets are absent.</summary>
    public static IReadOnlyList<Example>? Examples()
    {
        if (OpenSets.Folder is null)
        {
            Console.WriteLine("injection: the sets are not beside the project (../shared/data).");
            return null;
        }

        return [.. OpenSets.All().Concat(OwnExamples.All()).Where(static e => e.Text.Trim().Length > 1).DistinctBy(static e => (e.Text, e.Source))];
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

    private static ReadExample[]? Read() => Examples() is { } examples ? [.. examples.AsParallel().AsOrdered().Select(static e => new Features().Read(e))] : null;

    private static IReadOnlyList<HeldOutScore> HeldOut(IReadOnlyList<ReadExample> read)
    {
        // The largest families first, each to the turn that has the fewest, so that turns are alike.
        var turns = new Dictionary<string, int>(StringComparer.Ordinal);
        var load = new int[Folds];
        foreach (var family in read.GroupBy(static r => HeldWith(r.Example.Family)).OrderByDescending(static g => g.Count()).ThenBy(static g => g.Key, StringComparer.Ordinal))
        {
            var turn = Array.IndexOf(load, load.Min());
            turns[family.Key] = turn;
            load[turn] += family.Count();
        }

        int TurnOf(ReadExample e, int index) => IsSplit(e.Example.Family) ? index / 7 % Folds : turns[HeldWith(e.Example.Family)];
        var scores = new HeldOutScore[read.Count];
        Parallel.For(0, Folds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, turn =>
        {
            var fit = InjectionFit.To([.. read.Where((e, i) => TurnOf(e, i) != turn)]);
            for (var i = 0; i < read.Count; i++)
            {
                if (TurnOf(read[i], i) == turn)
                {
                    scores[i] = new HeldOutScore(read[i].Example, fit.Score(read[i]));
                }
            }
        });
        return scores;
    }

    private static ModelConstants Constants(IReadOnlyList<HeldOutScore> held)
    {
        var values = new float[ModelConstants.Count];
        StackFit.To(held, values);
        values[11] = LayerBonus;
        return Thresholds.Choose(held, values);
    }
}
