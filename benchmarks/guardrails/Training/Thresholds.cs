using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>
/// Chooses from where on a sentence alone, a window alone, a window as a frame and sentence and window together are enough: of all that keep false alarms within what is allowed the four by which most attacks are
/// found, each kind counting alike. All on texts whose families were held out.
/// </summary>
internal static class Thresholds
{
    // Plain texts, texts with words that attacks use, and data without an order in it.
    private static readonly double[] _allowed = [0.01, 0.045, 0.06];

    private const float DataDiscount = 0.8f;
    private const float LeastDiscount = 0.2f;

    private static readonly double[] _quantiles = [0.0005, 0.002, 0.004, 0.007, 0.010, 0.014, 0.018, 0.022, 0.027, 0.032, 0.037, 0.042, 0.05, 0.06];

    /// <summary>Which of the groups a benign text belongs to.</summary>
    public static int GroupOf(Example example) =>
        example.Kind == ExampleKind.Trigger ? 1 : example.Family.Contains("data", StringComparison.Ordinal) || example.Family.Contains("documents", StringComparison.Ordinal) ? 2 : 0;

    public static ModelConstants Choose(IReadOnlyList<HeldOutScore> held, float[] values)
    {
        var stack = new ModelConstants([.. values]);
        var rows = Rows(held, stack);
        var benign = rows.Where(static r => !r.IsAttack).ToArray();
        var best = (Recall: -1.0, Cut: default(Cut));
        var (togethers, alones, windows, frames) = (Cuts(benign, static r => r.Together), Cuts(benign, static r => r.Alone), Cuts(benign, static r => r.Window), Cuts(benign, static r => r.Frame));

        // What no cut finds is only counted.
        var most = new double[3];
        foreach (var row in benign)
        {
            most[row.Group] += row.Weight * _allowed[row.Group];
        }

        var lowest = new Cut(togethers.Min(), alones.Min(), windows.Min(), frames.Min());
        benign = [.. benign.Where(r => r.IsFound(lowest))];
        foreach (var together in togethers)
        {
            foreach (var alone in alones)
            {
                foreach (var window in windows)
                {
                    foreach (var frame in frames)
                    {
                        var cut = new Cut(together, alone, window, frame);
                        if (Passes(benign, most, cut) && Recall(rows, cut) is var recall && recall > best.Recall)
                        {
                            best = (recall, cut);
                        }
                    }
                }
            }
        }

        (values[3], values[2], values[12], values[14]) = (best.Cut.Together, best.Cut.Alone, best.Cut.Window, best.Cut.Frame);
        values[10] = MathF.Max(best.Cut.Alone - DataDiscount, LeastDiscount);
        return new ModelConstants(values);
    }

    private static bool Passes(Row[] benign, ReadOnlySpan<double> most, in Cut cut)
    {
        Span<double> found = stackalloc double[3];
        foreach (var row in benign)
        {
            found[row.Group] += row.IsFound(cut) ? row.Weight : 0;
        }

        return found[0] <= most[0] && found[1] <= most[1] && found[2] <= most[2];
    }

    private static double Recall(Row[] rows, in Cut cut)
    {
        var (found, all) = (new double[5], new double[5]);
        foreach (var row in rows)
        {
            if (row.IsAttack)
            {
                all[(int)row.Kind] += row.Weight;
                found[(int)row.Kind] += row.IsFound(cut) ? row.Weight : 0;
            }
        }

        return Enumerable.Range((int)ExampleKind.Direct, 3).Sum(k => found[k] / Math.Max(1, all[k]));
    }

    // What people write and what data says have thresholds of their own for a sentence; here a sentence of data counts as far above its own.
    private static Row[] Rows(IReadOnlyList<HeldOutScore> held, ModelConstants stack)
    {
        var sizes = held.GroupBy(static h => h.Example.Family).ToDictionary(static g => g.Key, static g => g.Count());
        return [.. held.Where(static h => h.Windows.Count > 0).Select(h => new Row(
            h.Example.Kind, GroupOf(h.Example), Math.Min(1, (h.Example.IsAttack && h.Example.Family.StartsWith("own", StringComparison.Ordinal) ? 100.0 : 400.0) / sizes[h.Example.Family]), h.Together(stack),
            h.Windows.Max(w => w.Best + (w.IsLayer ? stack.LayerBonus : 0)) + (h.Example.Source == TextSource.Data ? DataDiscount : 0), h.Windows.Max(w => w.Window + (w.IsLayer ? stack.LayerBonus : 0)), h.Windows.Max(w => w.Frame + (w.IsLayer ? stack.LayerBonus : 0))))];
    }

    private static float[] Cuts(IReadOnlyList<Row> benign, Func<Row, float> score)
    {
        var total = benign.Sum(static r => r.Weight);
        var cuts = new List<float>();
        var passed = 0.0;
        foreach (var row in benign.OrderByDescending(score))
        {
            while (cuts.Count < _quantiles.Length && passed >= _quantiles[cuts.Count] * total)
            {
                cuts.Add(score(row) + 0.01f);
            }

            passed += row.Weight;
        }

        return [.. cuts.Distinct()];
    }

    private sealed record Row(ExampleKind Kind, int Group, double Weight, float Together, float Alone, float Window, float Frame)
    {
        public bool IsAttack => Kind >= ExampleKind.Direct;

        public bool IsFound(in Cut cut) => Together >= cut.Together || Alone >= cut.Alone || Window >= cut.Window || Frame >= cut.Frame;
    }

    private readonly record struct Cut(float Together, float Alone, float Window, float Frame);
}
