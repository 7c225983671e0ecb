using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>
/// Chooses from where on a sentence alone, a window alone, a window as a frame and sentence and window together are enough: of all that keep false alarms within what is allowed the four by which most attacks are
/// found, each kind counting alike and our own examples less than those of others. All on what models said that had not seen the source, and what others said that had not seen the text, together.
/// </summary>
internal static class Thresholds
{
    /// <summary>What is found of our own examples, which we know too well, beside what is found of the open sets.</summary>
    public const double OwnShare = 0.1;

    private const int Scores = 4;
    private const float DataDiscount = 0.8f;
    private const float LeastDiscount = 0.2f;

    private const double OwnFamily = 100;

    // A cut lets through the first 3 harmless texts of the open sets, 3.8, 4.9 …, up to some eight hundred.
    private const int CutsOfScore = 24;
    private const double FirstCut = 3;
    private const double CutGrowth = 1.28;
    private const int Starts = 40;

    // Plain texts, open texts with words that attacks use, our own of these, which were written to be mistaken, and data without an order in it.
    private static readonly double[] _allowed = [0.01, 0.047, 0.1, 0.12];
    private static readonly int[] _moves = [-2, -1, 1, 2, 3];
    private static readonly int[] _besides = [-2, -1, 0, 1, 2];

    /// <summary>Which of the groups a benign text belongs to.</summary>
    public static int GroupOf(Example example) =>
        (example.Kind, example.IsOwn) switch { (ExampleKind.Trigger, true) => 2, (ExampleKind.Trigger, false) => 1, (_, true) => 3, _ => 0 };

    /// <summary>How much a text counts beside others, those of one of our families together not more than some.</summary>
    public static double WeightOf(Example example, int size) => example.IsOwn ? Math.Min(1, OwnFamily / size) : 1;

    public static ModelConstants Choose(IReadOnlyList<HeldOutScore> held, float[] values)
    {
        var rows = Rows(held, new ModelConstants([.. values]));
        var search = new Search(rows, Cuts(rows));
        var random = new Random(1);
        for (var start = 0; start < Starts; start++)
        {
            search.Climb([.. Enumerable.Range(0, Scores).Select(_ => start == 0 ? 0 : random.Next(CutsOfScore / 3))]);
        }

        (values[3], values[2], values[12], values[14]) = (search.Best[0], search.Best[1], search.Best[2], search.Best[3]);
        values[10] = MathF.Max(search.Best[1] - DataDiscount, LeastDiscount);
        return new ModelConstants(values);
    }

    // What people write and what data says have thresholds of their own for a sentence; here a sentence of data counts as far above its own.
    private static Row[] Rows(IReadOnlyList<HeldOutScore> held, ModelConstants stack)
    {
        held = [.. held.Where(static h => h.Windows.Count > 0)];
        var sizes = Example.SizesOf(held.Select(static h => h.Example));
        float Highest(HeldOutScore h, Func<WindowLogits, float> score) => h.Windows.Max(w => score(w) + (w.IsLayer ? stack.LayerBonus : 0));
        return
        [
            .. held.Select(h => new Row(
                h.Example.Kind, h.Example.IsOwn, GroupOf(h.Example), WeightOf(h.Example, sizes[h.Example.Family]),
                [h.Together(stack), Highest(h, static w => w.Best) + (h.Example.Source == TextSource.Data ? DataDiscount : 0), Highest(h, static w => w.Window), Highest(h, static w => w.Frame)])),
        ];
    }

    private static float[][] Cuts(Row[] rows) =>
    [
        .. Enumerable.Range(0, Scores).Select(score =>
        {
            var benign = rows.Where(static r => !r.IsAttack && !r.IsOwn).Select(r => r.Scores[score]).OrderDescending().ToArray();
            return Enumerable.Range(0, CutsOfScore).Select(i => benign[Math.Min(benign.Length - 1, (int)(FirstCut * Math.Pow(CutGrowth, i)))] + 0.005f).ToArray();
        }),
    ];

    private sealed record Row(ExampleKind Kind, bool IsOwn, int Group, double Weight, float[] Scores)
    {
        public bool IsAttack => Kind >= ExampleKind.Direct;

        public bool IsFound(ReadOnlySpan<float> cut) => Scores[0] >= cut[0] || Scores[1] >= cut[1] || Scores[2] >= cut[2] || Scores[3] >= cut[3];
    }

    // Climbs from several starts: all combinations of four cuts would take hours.
    private sealed class Search
    {
        private readonly float[][] _cuts;
        private readonly double[] _most;
        private readonly (Row Row, double Gain)[] _attacks;
        private readonly Row[] _benign;
        private double _best = double.NegativeInfinity;

        public Search(Row[] rows, float[][] cuts)
        {
            _cuts = cuts;
            _most = [.. _allowed.Select((share, group) => rows.Where(r => !r.IsAttack && r.Group == group).Sum(static r => r.Weight) * share)];
            var all = rows.Where(static r => r.IsAttack).GroupBy(static r => (r.Kind, r.IsOwn)).ToDictionary(static g => g.Key, static g => g.Sum(static r => r.Weight));
            _attacks = [.. rows.Where(static r => r.IsAttack).Select(r => (r, r.Weight / all[(r.Kind, r.IsOwn)] * (r.IsOwn ? OwnShare : 1)))];

            // What no cut finds is only counted.
            var lowest = cuts.Select(static c => c.Min()).ToArray();
            _benign = [.. rows.Where(r => !r.IsAttack && r.IsFound(lowest))];
        }

        public float[] Best { get; private set; } = [];

        public void Climb(int[] at)
        {
            var value = Value(at);
            for (var moved = true; moved;)
            {
                moved = false;
                foreach (var next in Neighbours(at))
                {
                    if (Value(next) is var there && there > value)
                    {
                        (at, value, moved) = (next, there, true);
                    }
                }
            }

            if (value > _best)
            {
                (_best, Best) = (value, Cut(at));
            }
        }

        // One cut moved, or two against each other.
        private static IEnumerable<int[]> Neighbours(int[] at) =>
            from one in Enumerable.Range(0, Scores)
            from other in Enumerable.Range(0, Scores)
            from move in _moves
            from beside in one == other ? [0] : _besides
            let next = at.Select((place, score) => place + (score == one ? move : 0) + (score == other ? beside : 0)).ToArray()
            where next.All(static place => place is >= 0 and < CutsOfScore)
            select next;

        private float[] Cut(int[] at) => [.. at.Select((place, score) => _cuts[score][place])];

        private double Value(int[] at)
        {
            var cut = Cut(at);
            Span<double> found = stackalloc double[_allowed.Length];
            foreach (var row in _benign)
            {
                found[row.Group] += row.IsFound(cut) ? row.Weight : 0;
            }

            for (var group = 0; group < _allowed.Length; group++)
            {
                if (found[group] > _most[group])
                {
                    return double.NegativeInfinity;
                }
            }

            var sum = 0.0;
            foreach (var (row, gain) in _attacks)
            {
                sum += row.IsFound(cut) ? gain : 0;
            }

            return sum;
        }
    }
}
