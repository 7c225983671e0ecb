using System.Globalization;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Benchmarks.Guardrails.Pii;

/// <summary>Spans found in presidio-research's generated sentences. The sentences of a template are all in one half: odd templates were looked at while tuning, even ones judge.</summary>
internal static class PiiPart
{
    // Like Presidio's comparison, only the types that the set labels are asked for.
    private static readonly string[] _kinds = ["email", "phone", "credit_card", "iban", "us_ssn", "driver_license", "ip_address", "url", "date_of_birth", "date_time", "address", "person", "organization", "location"];

    public static QualityTable? Run(Options options)
    {
        var folder = Path.Combine(Data.Shared, "pii", "presidio-research");
        if (!Directory.Exists(folder))
        {
            Console.WriteLine("pii: the set is not beside the project (../shared/data/pii).");
            return null;
        }

        var policy = PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "pii", Rules = [new GuardrailRuleEntry { Detector = "pii", Kinds = _kinds }] }).Policy!;
        var samples = PiiSample.Load(Path.Combine(folder, "generated_large.json"));
        var judging = Score(samples.Where(static s => s.Template % 2 == 0), policy);
        var tuning = Score(samples.Where(static s => s.Template % 2 == 1), policy);
        var small = Score(PiiSample.Load(Path.Combine(folder, "generated_small.json")), policy);
        var all = Score(samples, policy);
        foreach (var error in tuning.Errors.Concat(judging.Errors.Where(static e => e.Contains("ORGANIZATION", StringComparison.Ordinal))).Take(options.Errors))
        {
            Console.WriteLine(error.ReplaceLineEndings(" / "));
        }

        var text = new StringBuilder();
        text.AppendLine("PII, spans of presidio-research (generated_large), counted as its span evaluation counts: intersection over union of 0.9, overall without regard to type");
        text.AppendLine(CultureInfo.InvariantCulture, $"{"",-22}{"labelled",9}{"precision",11}{"recall",9}{"F2",8}");
        Overall("even templates: judge", judging);
        Overall("odd templates: tuning", tuning);
        Overall("all", all);
        Overall("generated_small", small);
        text.AppendLine().AppendLine("by type, all templates, the type has to be right too");
        var figures = new List<QualityFigure> { new("judge F2", judging.F2), new("judge precision", judging.Precision), new("judge recall", judging.Recall), new("all F2", all.F2) };
        foreach (var (type, precision, recall, labelled) in all.Types)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{type,-22}{labelled,9}{precision,11:0.000}{recall,9:0.000}{SpanScore.FScore(precision, recall),8:0.000}");
            figures.Add(new($"{type} precision", precision));
            figures.Add(new($"{type} recall", recall));
        }

        return new QualityTable(text.ToString(), figures);

        void Overall(string name, SpanScore score) => text.AppendLine(CultureInfo.InvariantCulture, $"{name,-22}{score.Labelled,9}{score.Precision,11:0.000}{score.Recall,9:0.000}{score.F2,8:0.000}");
    }

    private static SpanScore Score(IEnumerable<PiiSample> samples, CompiledPolicy policy)
    {
        var score = new SpanScore();
        foreach (var sample in samples)
        {
            var outcome = GuardEngine.Check([new GuardText(sample.Text, GuardrailScope.Input)], policy);
            score.Add(sample.Text, sample.Spans, [.. outcome.Findings.Select(static f => new Span(f.Start, f.Start + f.Length, PiiSample.TypeOf(f.Kind)))]);
        }

        return score;
    }
}
