namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>From where on the second tier takes a text for an attack.</summary>
/// <param name="Person">What both tiers come to, of what people write.</param>
/// <param name="Data">The same of data.</param>
internal readonly record struct DeepCut(float Person, float Data)
{
    public bool IsFound(DeepRow row) => row.Logit >= (row.IsData ? Data : Person);
}

/// <summary>
/// Chooses thresholds: of all that keep each group of benign texts within what is allowed those by which most attacks are found, each kind counting alike. All on texts whose families were held out.
/// </summary>
internal static class DeepThresholds
{
    private const int Candidates = 60;

    // With what the fast tier alone takes for attacks, of each group of Thresholds.
    private static readonly double[] _allowed = [0.012, 0.055, 0.11, 0.14];

    public static DeepCut Choose(IReadOnlyList<DeepRow> rows)
    {
        var sizes = Example.SizesOf(rows.Select(static r => r.Score.Example));
        Weighted[] weighted = [.. rows.Select(r => new Weighted(r, Thresholds.WeightOf(r.Score.Example, sizes[r.Score.Example.Family])))];
        var benign = weighted.Where(static r => !r.Row.Score.Example.IsAttack).ToArray();
        var attacks = weighted.Where(static r => r.Row.Score.Example.IsAttack).ToArray();
        var left = new double[_allowed.Length];
        foreach (var (row, weight) in benign)
        {
            left[row.Group] += weight * (_allowed[row.Group] - (row.Features is null && row.FastCaught ? 1 : 0));
        }

        // What the fast tier is sure of does not change.
        benign = [.. benign.Where(static r => r.Row.Features is not null)];
        Weighted[] people = [.. benign.Where(static r => !r.Row.IsData).OrderByDescending(static r => r.Row.Logit)];
        var data = Cuts(benign.Where(static r => r.Row.IsData).Select(static r => r.Row.Logit));
        var best = (Recall: -1.0, Cut: new DeepCut(float.PositiveInfinity, float.PositiveInfinity));
        foreach (var cut in data.Select(static d => new DeepCut(float.PositiveInfinity, d)))
        {
            var rest = left.ToArray();
            foreach (var (row, weight) in benign)
            {
                rest[row.Group] -= cut.IsFound(row) ? weight : 0;
            }

            if (rest.Min() >= 0 && cut with { Person = Lowest(people, rest, cut) } is var whole && Recall(attacks, whole) is var recall && recall > best.Recall)
            {
                best = (recall, whole);
            }
        }

        return best.Cut;
    }

    // The lowest threshold by which each group stays within what is left to it, of texts in falling order.
    private static float Lowest(Weighted[] people, double[] rest, in DeepCut cut)
    {
        foreach (var (row, weight) in people)
        {
            rest[row.Group] -= cut.IsFound(row) ? 0 : weight;
            if (rest[row.Group] < 0)
            {
                return row.Logit + 0.01f;
            }
        }

        return people.Length == 0 ? float.PositiveInfinity : people[^1].Row.Logit;
    }

    private static double Recall(Weighted[] attacks, DeepCut cut) =>
        attacks.GroupBy(static a => (a.Row.Score.Example.Kind, a.Row.Score.Example.IsOwn)).Sum(g => (g.Key.IsOwn ? Thresholds.OwnShare : 1) * g.Sum(a => a.Row.IsCaught(cut) ? a.Weight : 0) / g.Sum(static a => a.Weight));

    // Ever finer towards the top, as few benign texts may be taken for attacks; and none at all.
    private static float[] Cuts(IEnumerable<float> values)
    {
        var sorted = values.OrderDescending().ToArray();
        return [float.PositiveInfinity, .. Enumerable.Range(0, sorted.Length == 0 ? 0 : Candidates).Select(i => sorted[(int)((sorted.Length - 1) * 0.3 * i * i * i / ((double)Candidates * Candidates * Candidates))] + 0.01f).Distinct()];
    }

    private readonly record struct Weighted(DeepRow Row, double Weight);
}
