using Gateway.SemanticMatching.Scoring;

namespace Gateway.Benchmarks.SemCache.Training;

/// <summary>How trees are grown.</summary>
internal sealed record BoosterOptions
{
    public int Trees { get; init; } = 220;

    public int Depth { get; init; } = 6;

    public float Rate { get; init; } = 0.045f;

    public float L2 { get; init; } = 15;

    public int LeastRows { get; init; } = 25;

    public float RowShare { get; init; } = 0.7f;

    public float FeatureShare { get; init; } = 0.25f;

    public int Seed { get; init; } = 1;
}

/// <summary>Gradient boosting of the logistic loss over binned features. Deterministic: one seeded generator draws rows and features.</summary>
internal sealed class Booster(BoosterOptions options)
{
    private const int Bins = 64;

    public TreeEnsemble Fit(IReadOnlyList<float[]> rows, IReadOnlyList<bool> labels, IReadOnlySet<int> leftOut)
    {
        var (nodes, roots) = (new List<TreeNode>(), new List<int>());
        var bias = Grow(rows, labels, leftOut, nodes, roots, 1);
        return new TreeEnsemble([.. nodes], [.. roots], bias);
    }

    /// <summary>Several ensembles of other seeds as one, whose sum is their mean.</summary>
    public static TreeEnsemble Bag(BoosterOptions options, int bags, IReadOnlyList<float[]> rows, IReadOnlyList<bool> labels, IReadOnlySet<int> leftOut)
    {
        var (nodes, roots) = (new List<TreeNode>(), new List<int>());
        var bias = 0f;
        for (var bag = 0; bag < bags; bag++)
        {
            bias += new Booster(options with { Seed = options.Seed + bag }).Grow(rows, labels, leftOut, nodes, roots, 1f / bags) / bags;
        }

        return new TreeEnsemble([.. nodes], [.. roots], bias);
    }

    private float Grow(IReadOnlyList<float[]> rows, IReadOnlyList<bool> labels, IReadOnlySet<int> leftOut, List<TreeNode> nodes, List<int> roots, float scale)
    {
        var random = new Random(options.Seed);
        var features = Enumerable.Range(0, rows[0].Length).Where(f => !leftOut.Contains(f)).ToArray();
        var edges = features.Select(f => Edges([.. rows.Select(r => r[f])])).ToArray();
        var binned = features.Select((f, k) => rows.Select(r => Bin(edges[k], r[f])).ToArray()).ToArray();
        var share = labels.Count(static l => l) / (float)labels.Count;
        var bias = MathF.Log(share / (1 - share));
        var scores = Enumerable.Repeat(bias, rows.Count).ToArray();
        var (gradients, curvatures) = (new float[rows.Count], new float[rows.Count]);
        for (var tree = 0; tree < options.Trees; tree++)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var p = Logistic.Sigmoid(scores[i]);
                gradients[i] = p - (labels[i] ? 1 : 0);
                curvatures[i] = p * (1 - p);
            }

            var drawn = Enumerable.Range(0, rows.Count).Where(_ => random.NextSingle() < options.RowShare).ToArray();
            var chosen = Enumerable.Range(0, features.Length).OrderBy(_ => random.Next()).Take(Math.Max(1, (int)(features.Length * options.FeatureShare))).ToArray();
            var root = nodes.Count;
            roots.Add(root);
            nodes.Add(default);
            Split(root, drawn, 0);
            var ensemble = new TreeEnsemble([.. nodes.Skip(root).Select(n => n with { Left = n.Left - root })], [0], 0);
            for (var i = 0; i < rows.Count; i++)
            {
                scores[i] += (float)ensemble.Score(rows[i]) / scale;
            }

            void Split(int at, int[] members, int depth)
            {
                var (g, h) = (members.Sum(i => gradients[i]), members.Sum(i => curvatures[i]));
                var value = -g / (h + options.L2) * options.Rate * scale;
                var (gain, feature, bin) = depth < options.Depth ? Best(members, chosen, binned, gradients, curvatures, g, h) : (0f, -1, 0);
                if (feature < 0 || gain <= 1e-6f)
                {
                    nodes[at] = new TreeNode(-1, 0, 0, value);
                    return;
                }

                var left = nodes.Count;
                nodes.Add(default);
                nodes.Add(default);
                nodes[at] = new TreeNode(features[feature], edges[feature][bin], left, value);
                Split(left, Array.FindAll(members, i => binned[feature][i] <= bin), depth + 1);
                Split(left + 1, Array.FindAll(members, i => binned[feature][i] > bin), depth + 1);
            }
        }

        return bias;
    }

    private (float Gain, int Feature, int Bin) Best(int[] members, int[] chosen, byte[][] binned, float[] gradients, float[] curvatures, float g, float h)
    {
        Span<float> sums = stackalloc float[Bins];
        Span<float> weights = stackalloc float[Bins];
        Span<int> counts = stackalloc int[Bins];
        var best = (Gain: 0f, Feature: -1, Bin: 0);
        var whole = g * g / (h + options.L2);
        foreach (var feature in chosen)
        {
            sums.Clear();
            weights.Clear();
            counts.Clear();
            foreach (var i in members)
            {
                var bin = binned[feature][i];
                sums[bin] += gradients[i];
                weights[bin] += curvatures[i];
                counts[bin]++;
            }

            var (leftG, leftH, leftCount) = (0f, 0f, 0);
            for (var bin = 0; bin < Bins - 1; bin++)
            {
                leftG += sums[bin];
                leftH += weights[bin];
                leftCount += counts[bin];
                if (leftCount < options.LeastRows || members.Length - leftCount < options.LeastRows || counts[bin] == 0)
                {
                    continue;
                }

                var gain = (leftG * leftG / (leftH + options.L2)) + ((g - leftG) * (g - leftG) / (h - leftH + options.L2)) - whole;
                if (gain > best.Gain)
                {
                    best = (gain, feature, bin);
                }
            }
        }

        return best;
    }

    private static float[] Edges(float[] values)
    {
        Array.Sort(values);
        var edges = new List<float>();
        for (var bin = 1; bin < Bins; bin++)
        {
            var at = values[(int)((long)bin * (values.Length - 1) / Bins)];
            if (edges.Count == 0 || at > edges[^1])
            {
                edges.Add(at);
            }
        }

        return [.. edges];
    }

    // Values up to an edge fall below it, as a tree's "at most" does.
    private static byte Bin(float[] edges, float value)
    {
        var at = Array.BinarySearch(edges, value);
        return (byte)(at >= 0 ? at : ~at);
    }
}
