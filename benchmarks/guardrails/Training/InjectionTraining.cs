using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>
/// Trains the model of prompt injection. Families are held out in turn, and what is said of an example while its family was held out decides how the two models are put together
/// and where the thresholds lie; then both are fitted to everything.
/// </summary>
internal static class InjectionTraining
{
    private const int Folds = 8;
    private const double AllowedTogether = 0.05;
    private const double AllowedAlone = 0.035;
    private const double AllowedPlain = 0.004;
    private const float LayerBonus = 0.5f;

    /// <summary>Makes the model anew and leaves it in the engine's folder.</summary>
    public static QualityTable? Run(Options options)
    {
        if (Read() is not { } read)
        {
            return null;
        }

        var constants = Constants(HeldOut(read));
        var (entries, sentenceBias, windowBias) = InjectionFit.To(read).Weights();
        var values = constants.Values.ToArray();
        (values[0], values[1]) = (sentenceBias, windowBias);
        var path = Path.Combine(Data.Root, "services", "Shared", "Guardrails.Engine", "Injection", "Model.bin");
        using (var file = File.Create(path))
        {
            LinearModel.Write(file, entries, new ModelConstants(values));
        }

        Console.WriteLine($"{entries.Count} weights, {new FileInfo(path).Length / 1024} KB");
        return null;
    }

    /// <summary>What is said of each example by models that had not seen its family, and how they are put together; null where the sets are absent.</summary>
    public static (IReadOnlyList<HeldOutScore> Held, ModelConstants Constants)? Judge()
    {
        if (Read() is not { } read)
        {
            return null;
        }

        var held = HeldOut(read);
        return (held, Constants(held));
    }

    /// <summary>The examples of a family that are held out a part at a time rather than all at once.</summary>
    /// <remarks>
    /// Plain text is plentiful and of one kind. Of data and frames with and without something planted either alone would teach that the surroundings are what matters. Of prompts
    /// whose frame is an attack's and whose wish is harmless there is one collection, and one of the opposite.
    /// </remarks>
    public static bool IsSplit(string family) => family.StartsWith("plain", StringComparison.Ordinal)
        || family is "wildguard-benign" or "jailbreakbench-artifacts" or "own benign: data" or "own benign: frames" or "own jailbreak: frames";

    private static ReadExample[]? Read()
    {
        if (OpenSets.Folder is null)
        {
            Console.WriteLine("injection: the sets are not beside the project (../shared/data).");
            return null;
        }

        var reader = new Features();
        return [.. OpenSets.All().Concat(OwnExamples.All()).Where(static e => e.Text.Trim().Length > 1).DistinctBy(static e => e.Text).Select(reader.Read)];
    }

    private static IReadOnlyList<HeldOutScore> HeldOut(IReadOnlyList<ReadExample> read)
    {
        // The largest families first, each to the turn that has the fewest, so that turns are alike.
        var turns = new Dictionary<string, int>(StringComparer.Ordinal);
        var load = new int[Folds];
        foreach (var family in read.GroupBy(static r => r.Example.Family).OrderByDescending(static g => g.Count()).ThenBy(static g => g.Key, StringComparer.Ordinal))
        {
            var turn = Array.IndexOf(load, load.Min());
            turns[family.Key] = turn;
            load[turn] += family.Count();
        }

        int TurnOf(ReadExample e, int index) => IsSplit(e.Example.Family) ? index / 7 % Folds : turns[e.Example.Family];
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
        var benign = held.Where(static h => !h.Example.IsAttack).ToArray();
        var (plain, trigger) = (benign.Where(static h => h.Example.Kind == ExampleKind.Benign).ToArray(), benign.Where(static h => h.Example.Kind == ExampleKind.Trigger).ToArray());
        float Both(Func<HeldOutScore, float> score, double allowed) => Math.Max(Threshold(trigger, score, allowed), Threshold(plain, score, AllowedPlain));
        values[3] = Both(h => h.Together(new ModelConstants(values)), AllowedTogether);
        values[2] = Both(static h => h.Best, AllowedAlone);
        values[10] = Both(static h => h.Best, AllowedAlone * 2.5);
        values[12] = Both(static h => h.Windows.Count == 0 ? -8 : h.Windows.Max(static w => w.Window), AllowedAlone);
        return new ModelConstants(values);
    }

    // Families count alike, but for the size they need to say anything.
    private static float Threshold(IReadOnlyList<HeldOutScore> benign, Func<HeldOutScore, float> score, double allowed)
    {
        var sizes = benign.GroupBy(static h => h.Example.Family).ToDictionary(static g => g.Key, static g => g.Count());
        var total = benign.Sum(h => Weight(sizes[h.Example.Family]));
        var passed = 0.0;
        foreach (var (value, weight) in benign.Select(h => (score(h), Weight(sizes[h.Example.Family]))).OrderByDescending(static p => p.Item1))
        {
            passed += weight;
            if (passed > allowed * total)
            {
                return value + 0.01f;
            }
        }

        return 0;
    }

    private static double Weight(int size) => size > 400 ? 400.0 / size : 1;
}
