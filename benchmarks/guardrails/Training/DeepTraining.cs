using System.Globalization;
using System.Text;
using Gateway.Embeddings;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>
/// Trains and judges the second tier. Its head learns from what the fast tier said of a text while the text's family was held out, and is itself judged on families that it was not
/// shown. It adds to what the fast tier finds, for a few more false alarms.
/// </summary>
internal static class DeepTraining
{
    private const int Folds = 8;

    // With what the fast tier takes for attacks, of each group of Thresholds.
    private static readonly double[] _allowed = [0.012, 0.053, 0.075];

    public static QualityTable? Run(Options options)
    {
        if (InjectionTraining.Judge() is not { } judged)
        {
            return null;
        }

        var rows = Read(judged.Held, judged.Constants);
        var unsure = rows.Where(static r => r.Features is not null).ToArray();
        Console.WriteLine($"{unsure.Length} of {rows.Length} texts are unsure, {unsure.Count(static r => r.Score.Example.IsAttack)} of them attacks");
        Parallel.For(0, Folds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, fold =>
        {
            var weights = DeepFit.To(unsure.Where(r => r.Fold != fold));
            foreach (var row in unsure.Where(r => r.Fold == fold))
            {
                row.Logit = DeepFit.Logit(weights, row.Features!);
            }
        });
        var threshold = Threshold(rows);
        var model = new DeepModel(DeepFit.To(unsure), threshold);
        if (options.Write)
        {
            using var file = File.Create(Path.Combine(Data.Root, "services", "Shared", "Guardrails.Deep", "DeepModel.bin"));
            model.Write(file);
        }

        return Table(rows, threshold);
    }

    private static DeepRow[] Read(IReadOnlyList<HeldOutScore> held, ModelConstants constants)
    {
        var encoder = new MiniLmEmbeddingGenerator(maxTokens: DeepFeatures.WindowTokens);
        encoder.Load();
        var model = InjectionTraining.Latest();
        return [.. held.Select((h, i) => (h, i)).AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(p =>
        {
            var (score, fold) = (p.h, InjectionTraining.IsSplit(p.h.Example.Family) ? p.i / 7 % Folds : (int)(Stable(InjectionTraining.HeldWith(p.h.Example.Family)) % Folds));
            var row = new DeepRow(score, fold) { FastCaught = score.IsCaught(constants) };
            if (score.Windows.Count == 0)
            {
                return row;
            }

            var worst = score.Windows.MaxBy(w => score.Margin(w, constants));
            var margin = score.Margin(worst, constants);
            var reading = InjectionProbe.Read(score.Example.Text, score.Example.Source, model);
            if (!worst.IsLayer && DeepFeatures.IsUnsure(margin) && reading.Length > 0)
            {
                row.Features = new float[DeepFeatures.Count];
                DeepFeatures.WriteFigures(row.Features, margin, worst.Window, worst.Best, worst.Second, worst.Mean, worst.Sentences, score.Example.Source == TextSource.Data);
                DeepFeatures.WriteVectors(encoder, score.Example.Text, reading, row.Features, CancellationToken.None);
            }

            return row;
        })];
    }

    // The lowest by which each group of benign texts stays within its bound.
    private static float Threshold(IReadOnlyList<DeepRow> rows)
    {
        var sizes = rows.GroupBy(static r => r.Score.Example.Family).ToDictionary(static g => g.Key, static g => g.Count());
        var threshold = float.NegativeInfinity;
        foreach (var group in rows.Where(static r => !r.Score.Example.IsAttack).GroupBy(static r => Thresholds.GroupOf(r.Score.Example)))
        {
            float Weight(DeepRow r) => Math.Min(1, 400f / sizes[r.Score.Example.Family]);
            var left = (_allowed[group.Key] * group.Sum(Weight)) - group.Where(static r => r.Features is null && r.FastCaught).Sum(Weight);
            foreach (var row in group.Where(static r => r.Features is not null).OrderByDescending(static r => r.Logit))
            {
                left -= Weight(row);
                if (left < 0)
                {
                    threshold = Math.Max(threshold, row.Logit + 0.01f);
                    break;
                }
            }
        }

        return threshold;
    }

    private static QualityTable Table(IReadOnlyList<DeepRow> rows, float threshold)
    {
        var text = new StringBuilder();
        text.AppendLine("Prompt injection with the second tier: families held out from both tiers; share taken for an attack").AppendLine($"{"",-44}{"texts",7}{"fast",8}{"deep",8}");
        var figures = new List<QualityFigure>();
        foreach (var own in new[] { false, true })
        {
            foreach (var kind in rows.Where(r => r.IsOwn == own).GroupBy(static r => r.Score.Example.Kind).OrderBy(static g => g.Key))
            {
                Line($"{(own ? "own" : "open sets")}, {kind.Key.ToString().ToLowerInvariant()}", [.. kind]);
                if (!own)
                {
                    figures.Add(new($"{kind.Key} deep", kind.Average(r => r.IsCaught(threshold) ? 1 : 0), kind.Key < ExampleKind.Direct));
                }
            }
        }

        text.AppendLine();
        foreach (var family in rows.Where(static r => !r.IsOwn).GroupBy(static r => (r.Score.Example.Kind, r.Score.Example.Family)).OrderBy(static g => g.Key.Kind).ThenBy(static g => g.Key.Family, StringComparer.Ordinal))
        {
            Line($"{family.Key.Kind.ToString().ToLowerInvariant()}: {family.Key.Family}", [.. family]);
        }

        return new QualityTable(text.ToString(), figures);

        void Line(string name, IReadOnlyCollection<DeepRow> of) => text.AppendLine(
            CultureInfo.InvariantCulture, $"{name,-44}{of.Count,7}{of.Average(static r => r.FastCaught ? 1 : 0),8:P1}{of.Average(r => r.IsCaught(threshold) ? 1 : 0),8:P1}");
    }

    // Hash codes of strings differ from run to run.
    private static uint Stable(string text) => text.Aggregate(FeatureKey.HashStart, FeatureKey.Extend);
}

/// <summary>A text as the second tier's training sees it.</summary>
internal sealed class DeepRow(HeldOutScore score, int fold)
{
    public HeldOutScore Score { get; } = score;

    public int Fold { get; } = fold;

    public bool FastCaught { get; init; }

    /// <summary>What the head is shown; null where the fast tier is sure.</summary>
    public float[]? Features { get; set; }

    public float Logit { get; set; }

    public bool IsOwn => Score.Example.Family.StartsWith("own", StringComparison.Ordinal);

    public bool IsCaught(float threshold) => Features is null ? FastCaught : Logit >= threshold;
}
