using Gateway.Benchmarks.SemCache.Data;
using Gateway.SemanticMatching.Pairs;
using Gateway.SemanticMatching.Scoring;

namespace Gateway.Benchmarks.SemCache.Training;

/// <summary>Makes the verifier's weights from pairs: two linear heads, whose scores become features, then boosted trees, then a line that calibrates.</summary>
internal static class Trainer
{
    private const int Folds = 10;
    private const int Bags = 2;
    private const int VectorSteps = 400;
    private const float VectorL2 = 0.0015f;
    private const float WordsL2 = 0.004f;
    private const int WordsRounds = 6;

    public static SameAnswerModel Train(IReadOnlyList<QuestionPair> pairs, BoosterOptions options)
    {
        var fold = pairs.Select(static (_, i) => i % Folds).ToArray();
        var labels = pairs.Select(static p => p.Same).ToArray();

        // Heads that saw a pair know its label: trees must learn from the scores of heads that did not.
        var rows = pairs.Select(static p => p.Features()).ToArray();
        var stacked = new float[pairs.Count][];
        for (var f = 0; f < Folds; f++)
        {
            var learn = Pick(pairs, fold, x => x != f);
            var (vectors, words) = (Vectors(learn), Words(learn));
            for (var i = 0; i < pairs.Count; i++)
            {
                if (fold[i] == f)
                {
                    stacked[i] = Stack(rows[i], pairs[i], vectors, words);
                }
            }
        }

        var plainOut = new HashSet<int> { PairFeatures.Count };
        var full = Calibrated(stacked, labels, fold, options, new HashSet<int>());
        var plain = Calibrated(stacked, labels, fold, options, plainOut);
        return new SameAnswerModel(Vectors(pairs), Words(pairs), full, plain);
    }

    private static CalibratedTrees Calibrated(float[][] rows, bool[] labels, int[] fold, BoosterOptions options, IReadOnlySet<int> leftOut)
    {
        // The line is fitted on what trees say of rows that they did not see; fewer folds do, since only two numbers come of it.
        var sums = new float[rows.Length][];
        for (var f = 0; f < 2; f++)
        {
            var learn = Enumerable.Range(0, rows.Length).Where(i => fold[i] % 2 != f).ToArray();
            var trees = Booster.Bag(options, 1, [.. learn.Select(i => rows[i])], [.. learn.Select(i => labels[i])], leftOut);
            for (var i = 0; i < rows.Length; i++)
            {
                if (fold[i] % 2 == f)
                {
                    sums[i] = [(float)trees.Score(rows[i])];
                }
            }
        }

        var line = Logistic.Dense(sums, labels, 0, 3000);
        return new CalibratedTrees(Booster.Bag(options, Bags, rows, labels, leftOut), line[0], line[1]);
    }

    private static float[] Stack(float[] row, QuestionPair pair, VectorHead vectors, WordsHead words)
        => [.. row, vectors.Score(pair.VectorA, pair.VectorB), words.Score(pair.TextA, pair.TextB)];

    private static VectorHead Vectors(IReadOnlyList<QuestionPair> pairs)
    {
        var width = pairs[0].VectorA.Length;

        // Values of unit vectors are about one over the root of the width; scaled so that both kinds weigh alike in the penalty.
        var (productScale, distanceScale) = (width / 8f, MathF.Sqrt(width) / 4f);
        var rows = pairs.Select(p =>
        {
            var row = new float[2 * width];
            for (var i = 0; i < width; i++)
            {
                row[i] = p.VectorA[i] * p.VectorB[i] * productScale;
                row[width + i] = MathF.Abs(p.VectorA[i] - p.VectorB[i]) * distanceScale;
            }

            return row;
        }).ToArray();
        var weights = Logistic.Dense(rows, [.. pairs.Select(static p => p.Same)], VectorL2, VectorSteps);
        return new VectorHead(
            [.. weights.Take(width).Select(w => w * productScale)], [.. weights.Skip(width).Take(width).Select(w => w * distanceScale)], weights[2 * width]);
    }

    private static WordsHead Words(IReadOnlyList<QuestionPair> pairs)
    {
        var weights = Logistic.Sparse(
            [.. pairs.Select(static p => WordsHead.Slot(p.TextA, p.TextB).ToArray())], [.. pairs.Select(static p => p.Same)], WordsHead.Slots, WordsL2, WordsRounds);
        return new WordsHead(weights[..WordsHead.Slots], weights[WordsHead.Slots]);
    }

    private static IReadOnlyList<QuestionPair> Pick(IReadOnlyList<QuestionPair> pairs, int[] fold, Func<int, bool> which)
        => [.. pairs.Where((_, i) => which(fold[i]))];
}
