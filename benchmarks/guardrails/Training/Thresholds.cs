using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>
/// Chooses from where on a sentence alone, a window alone and both together are enough: of all that keep false alarms within what is allowed the three by which most attacks are
/// found, each kind counting alike. All on texts whose families were held out.
/// </summary>
internal static class Thresholds
{
    // Plain texts, texts with words that attacks use, and data without an order in it.
    private static readonly double[] _allowed = [0.005, 0.041, 0.05];

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
        var best = (Recall: -1.0, Together: 0f, Alone: 0f, Window: 0f);
        foreach (var together in Cuts(benign, static r => r.Together))
        {
            foreach (var alone in Cuts(benign, static r => r.Alone))
            {
                foreach (var window in Cuts(benign, static r => r.Window))
                {
                    if (Passes(benign, together, alone, window) && Recall(rows, together, alone, window) is var recall && recall > best.Recall)
                    {
                        best = (recall, together, alone, window);
                    }
                }
            }
        }

        (values[3], values[2], values[12]) = (best.Together, best.Alone, best.Window);
        values[10] = MathF.Max(best.Alone - DataDiscount, LeastDiscount);
        return new ModelConstants(values);
    }

    private static bool Passes(IReadOnlyList<Row> benign, float together, float alone, float window)
    {
        var (found, all) = (new double[3], new double[3]);
        foreach (var row in benign)
        {
            all[row.Group] += row.Weight;
            found[row.Group] += row.IsFound(together, alone, window) ? row.Weight : 0;
        }

        return Enumerable.Range(0, 3).All(k => found[k] <= _allowed[k] * all[k]);
    }

    private static double Recall(IReadOnlyList<Row> rows, float together, float alone, float window)
    {
        var (found, all) = (new double[5], new double[5]);
        foreach (var row in rows)
        {
            if (row.IsAttack)
            {
                all[(int)row.Kind] += row.Weight;
                found[(int)row.Kind] += row.IsFound(together, alone, window) ? row.Weight : 0;
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
            h.Windows.Max(w => w.Best + (w.IsLayer ? stack.LayerBonus : 0)) + (h.Example.Source == TextSource.Data ? DataDiscount : 0), h.Windows.Max(w => w.Window + (w.IsLayer ? stack.LayerBonus : 0))))];
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

    private sealed record Row(ExampleKind Kind, int Group, double Weight, float Together, float Alone, float Window)
    {
        public bool IsAttack => Kind >= ExampleKind.Direct;

        public bool IsFound(float together, float alone, float window) => Together >= together || Alone >= alone || Window >= window;
    }
}
