using Gateway.Benchmarks.SemCache.Data;
using Gateway.SemanticMatching.Learning;
using Gateway.SemanticMatching.Pairs;
using Gateway.SemanticMatching.Scoring;

namespace Gateway.Benchmarks.SemCache;

/// <summary>The table of benchmarks/results/semcache-quality.txt.</summary>
internal static class QualityReport
{
    public static void Print(PairSet pairs, SameAnswerModel model)
    {
        Console.WriteLine($"{pairs.All.Count} pairs; {pairs.Train.Count} to train ({pairs.Train.Count(static p => p.Same)} repeats), {pairs.Test.Count} to test ({pairs.Test.Count(static p => p.Same)} repeats); no question is in both halves");
        Console.WriteLine();
        Console.WriteLine($"{"test half, by",-34}{"AUC",7}   {"found and precision at wrong hits per look-up of",-48}{"found at",10}");
        Console.WriteLine($"{"",-34}{"",7}{"0.5 %",17}{"1 %",17}{"2 %",17}{"90 % prec.",12}");
        Row("static threshold (cosine)", pairs.Test.Select(static p => ((double)p.Cosine, p.Same)));
        Row("verified, without the vectors", pairs.Test.Select(p => (model.LogOdds(p.TextA, p.TextB, p.Cosine), p.Same)));
        Row("verified", pairs.Test.Select(p => (Score(model, p), p.Same)));
        foreach (var bound in new[] { 0.005, 0.01, 0.02 })
        {
            Learned(pairs, model, bound);
        }

        Row("verified, on the training half", pairs.Train.Select(p => (Score(model, p), p.Same)));
        Console.WriteLine();
        Calibration(pairs, model);
        Console.WriteLine();
        Mistakes(pairs, model);
    }

    /// <summary>Signs that few pairs have, and how many of those pairs are the same: what trees cannot learn for want of examples.</summary>
    public static void Signs(PairSet pairs)
    {
        foreach (var name in new[] { "arguments_swapped", "opposites", "numbers_differ", "units_differ", "dates_differ", "negation_differs", "names_exchanged", "quoted_text", "same_text", "signs_differ" })
        {
            var at = FeatureNames.All.Select(static f => f.Name).ToList().IndexOf(name);
            var with = pairs.Train.Where(p => p.Cosine > 0.8f && (name == "quoted_text" ? p.Features()[at] < 0 : p.Features()[at] > 0)).ToList();
            Console.WriteLine($"{name,-20}{with.Count,6} near pairs of the training half, {(with.Count == 0 ? 0 : with.Average(static p => p.Same ? 1.0 : 0.0)),6:0%} the same");
            foreach (var pair in with.Where(static p => p.Same).Take(4))
            {
                Console.WriteLine($"      same: {pair.A}  |  {pair.B}");
            }
        }
    }

    internal static double Score(SameAnswerModel model, QuestionPair p) => model.LogOdds(p.TextA, p.TextB, p.Cosine, p.VectorA, p.VectorB);

    internal static void Row(string name, IEnumerable<(double Score, bool Same)> scored)
    {
        var quality = new Quality(scored);
        var (half, one, two) = (quality.At(0.005), quality.At(0.01), quality.At(0.02));
        Console.WriteLine($"{name,-34}{quality.Auc(),7:0.000}{half.Found,9:0.0%}{half.Precision,8:0.0%}{one.Found,9:0.0%}{one.Precision,8:0.0%}{two.Found,9:0.0%}{two.Precision,8:0.0%}{quality.FoundAtPrecision(0.9),12:0.0%}");
    }

    /// <summary>The pairs as a row of look-ups in the order of their file: the first text is stored, the second asked; evidence comes as it would in service.</summary>
    private static void Learned(PairSet pairs, SameAnswerModel model, double bound)
    {
        const double Sampled = 0.01;
        var (domain, random) = (new DomainEvidence(), new Random(1));
        var (right, wrong) = (0, 0);
        foreach (var pair in pairs.Test.OrderBy(static p => p.Line))
        {
            var (entry, score) = (new Guid(pair.Line, 0, 0, new byte[8]), Score(model, pair));
            var verdict = domain.Decide(entry, score, bound);
            if (verdict.Decision == LearnedDecision.Serve)
            {
                domain.Served();
                (right, wrong) = pair.Same ? (right + 1, wrong) : (right, wrong + 1);
                if (random.NextDouble() < Sampled)
                {
                    domain.Observe(new Observation(entry, score, pair.Same, ObservationKind.SampledHit));
                }
            }
            else if (verdict.WantsEvidence)
            {
                var kind = verdict.Decision == LearnedDecision.OverBound ? ObservationKind.WithheldHit : ObservationKind.Explored;
                domain.Observe(new Observation(entry, score, pair.Same, kind));
            }
        }

        var found = (double)right / pairs.Test.Count(static p => p.Same);
        Console.WriteLine(
            $"{$"learnt, bound {bound:0.0%}, cold start",-34}{"",7}{found,9:0.0%}{(double)right / Math.Max(1, right + wrong),8:0.0%}   wrong hits per look-up {(double)wrong / pairs.Test.Count:0.00%}, {domain.Observations} outcomes observed");
    }

    private static void Calibration(PairSet pairs, SameAnswerModel model)
    {
        Console.WriteLine("calibration on the test half: said and true share of same answers, by tenths of what was said");
        foreach (var group in pairs.Test.Select(p => (P: SameAnswerModel.Probability(Score(model, p)), p.Same)).GroupBy(static x => Math.Min(9, (int)(x.P * 10))).OrderBy(static g => g.Key))
        {
            Console.WriteLine($"  {group.Count(),6} pairs   said {group.Average(static x => x.P):0.000}   true {group.Average(static x => x.Same ? 1.0 : 0.0):0.000}");
        }
    }

    private static void Mistakes(PairSet pairs, SameAnswerModel model)
    {
        Console.WriteLine("the 40 highest-scored pairs of the test half that are labelled different");
        foreach (var (pair, score) in pairs.Test.Where(static p => !p.Same).Select(p => (p, Score(model, p))).OrderByDescending(static x => x.Item2).Take(40))
        {
            Console.WriteLine($"  {SameAnswerModel.Probability(score):0.000}  line {pair.Line + 1,5}  {pair.A}  |  {pair.B}");
        }
    }
}
