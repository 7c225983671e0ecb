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

    public static QualityTable? Run(Options options)
    {
        if (InjectionTraining.Judge(options) is not { } judged)
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
        var cut = DeepThresholds.Choose(rows);
        var model = new DeepModel(DeepFit.To(unsure), cut.Person, cut.Data);
        if (options.Write)
        {
            using var file = File.Create(Path.Combine(Data.Root, "services", "Shared", "Guardrails.Deep", "DeepModel.bin"));
            model.Write(file);
        }

        return Table(rows, cut);
    }

    private static DeepRow[] Read(IReadOnlyList<HeldOutScore> held, ModelConstants constants)
    {
        var encoder = new MiniLmEmbeddingGenerator();
        encoder.Load();
        var model = InjectionTraining.Latest();
        return [.. held.Select((h, i) => (h, i)).AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(p =>
        {
            var (score, fold) = (p.h, InjectionTraining.IsSplit(p.h.Example.Family) ? HeldOut.PartOf(p.i, Folds) : (int)(StableHash.Of(InjectionTraining.HeldWith(p.h.Example.Family)) % Folds));
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
                DeepFeatures.WriteFigures(row.Features, margin, worst.Window, worst.Frame, worst.Best, worst.Second, worst.Mean, worst.Sentences, score.Example.Source == TextSource.Data);
                DeepFeatures.WriteVector(encoder, score.Example.Text, reading, row.Features, CancellationToken.None);
            }

            return row;
        })];
    }

    private static QualityTable Table(IReadOnlyList<DeepRow> rows, DeepCut cut)
    {
        var text = new StringBuilder();
        text.AppendLine("Prompt injection with the second tier: families held out from both tiers; share taken for an attack").AppendLine($"{"",-44}{"texts",7}{"fast",8}{"deep",8}");
        var figures = new List<QualityFigure>();
        foreach (var own in new[] { false, true })
        {
            foreach (var kind in rows.Where(r => r.Score.Example.IsOwn == own).GroupBy(static r => r.Score.Example.Kind).OrderBy(static g => g.Key))
            {
                Line($"{(own ? "own" : "open sets")}, {kind.Key.ToString().ToLowerInvariant()}", [.. kind]);
                if (!own)
                {
                    figures.Add(new($"{kind.Key} deep", kind.Average(r => r.IsCaught(cut) ? 1 : 0), kind.Key < ExampleKind.Direct));
                }
            }
        }

        text.AppendLine();
        foreach (var family in rows.Where(static r => !r.Score.Example.IsOwn).GroupBy(static r => (r.Score.Example.Kind, r.Score.Example.Family)).OrderBy(static g => g.Key.Kind).ThenBy(static g => g.Key.Family, StringComparer.Ordinal))
        {
            Line($"{family.Key.Kind.ToString().ToLowerInvariant()}: {family.Key.Family}", [.. family]);
        }

        return new QualityTable(text.ToString(), figures);

        void Line(string name, IReadOnlyCollection<DeepRow> of) => text.AppendLine(
            CultureInfo.InvariantCulture, $"{name,-44}{of.Count,7}{of.Average(static r => r.FastCaught ? 1 : 0),8:P1}{of.Average(r => r.IsCaught(cut) ? 1 : 0),8:P1}");
    }
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

    public bool IsData => Score.Example.Source == TextSource.Data;

    /// <summary>Its group of <see cref="Thresholds"/>.</summary>
    public int Group { get; } = Thresholds.GroupOf(score.Example);

    public bool IsCaught(in DeepCut cut) => Features is null ? FastCaught : cut.IsFound(this);
}
