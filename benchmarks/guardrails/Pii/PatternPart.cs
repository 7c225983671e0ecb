using System.Globalization;
using System.Text;
using Gateway.Benchmarks.Guardrails.Training;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Benchmarks.Guardrails.Pii;

/// <summary>
/// Values of every kind that has a form, made from the documented formats, in sentences that name them; and texts without any: numbers of other things, and plain sentences. What is told of a kind
/// anywhere else counts against it.
/// </summary>
internal static class PatternPart
{
    private const int OfEach = 40;

    private static readonly string[] _sentences =
    [
        "My {0} is {1}.", "Please update the {0} to {1} in your records.", "{0}: {1}", "The {0} {1} belongs to a customer of ours, can you check it?", "I sent you my {0} yesterday ({1}), did it arrive?", "{{\"{0}\": \"{1}\"}}",
        "We could not verify your {0} {1} and need a copy.", "Hello,\n\nmy {0} has changed. New {0}: {1}\n\nThanks",
    ];

    private static readonly string[] _other =
    [
        "Order {0} was shipped on Monday.", "Invoice no. {0} is due.", "The build took {0} ms and used {1} bytes.", "Version {1}.{1}.{1} fixes issue #{0}.", "SELECT * FROM t WHERE id = {0}", "Ticket {0}: the page is slow.",
        "It has {0} inhabitants and {1} schools.", "ISBN 978-3-{0}-1 is sold out.", "Model {0}-{1} needs {1} volts.", "Commit {2} broke the tests.", "The parcel {0}{1} is in transit.", "Chapter {1}, pages {1}-{0}.",
    ];

    public static QualityTable? Run(Options options)
    {
        var policy = PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "pii", Rules = [new GuardrailRuleEntry { Detector = "pii" }] }).Policy!;
        var counts = PatternValues.Kinds.ToDictionary(static k => k.Kind, static _ => (Found: 0, Covered: 0, Told: 0), StringComparer.Ordinal);
        var errors = new List<string>();
        foreach (var (kind, text, value) in Texts())
        {
            var findings = GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], policy).Findings;
            var start = value is null ? -1 : text.LastIndexOf(value, StringComparison.Ordinal);
            var (found, covered) = (false, false);
            foreach (var finding in findings.Where(f => counts.ContainsKey(f.Kind)))
            {
                var right = value is not null && finding.Start <= start && finding.Start + finding.Length >= start + value.Length && finding.Length <= value.Length + 2;
                covered |= right;
                found |= right && finding.Kind == kind;
                var count = counts[finding.Kind];
                counts[finding.Kind] = count with { Told = count.Told + 1, Found = count.Found + (right && finding.Kind == kind ? 1 : 0), Covered = count.Covered };
                if (!right || finding.Kind != kind)
                {
                    errors.Add($"{finding.Kind} told of {kind ?? "nothing"} in: {text}");
                }
            }

            if (kind is not null)
            {
                var count = counts[kind];
                counts[kind] = count with { Covered = count.Covered + (covered ? 1 : 0) };
                if (!found)
                {
                    errors.Add($"missed {kind} in: {text}");
                }
            }
        }

        foreach (var error in errors.Take(options.Errors))
        {
            Console.WriteLine(error.ReplaceLineEndings(" / "));
        }

        return Table(counts);
    }

    private static QualityTable Table(Dictionary<string, (int Found, int Covered, int Told)> counts)
    {
        var text = new StringBuilder();
        text.AppendLine($"kinds with a form: {OfEach} values of each, made from the documented formats, in sentences that name them, among {Numbers()} texts with other numbers and plain sentences");
        text.AppendLine("covered: found as whatever kind; recall and precision: as its own").AppendLine(CultureInfo.InvariantCulture, $"{"",-20}{"covered",9}{"recall",9}{"precision",11}");
        var figures = new List<QualityFigure>();
        foreach (var (kind, count) in counts)
        {
            var (recall, precision) = ((double)count.Found / OfEach, count.Told == 0 ? 1 : (double)count.Found / count.Told);
            text.AppendLine(CultureInfo.InvariantCulture, $"{kind,-20}{(double)count.Covered / OfEach,9:0.000}{recall,9:0.000}{precision,11:0.000}{(recall < 0.98 || precision < 0.98 ? "  below 0.98" : "")}");
            figures.Add(new($"{kind} recall", recall));
            figures.Add(new($"{kind} precision", precision));
        }

        var (all, told) = (counts.Values.Sum(static c => c.Found), counts.Values.Sum(static c => c.Told));
        text.AppendLine(CultureInfo.InvariantCulture, $"{"all",-20}{(double)counts.Values.Sum(static c => c.Covered) / (OfEach * counts.Count),9:0.000}{(double)all / (OfEach * counts.Count),9:0.000}{(double)all / told,11:0.000}");
        figures.Add(new("all recall", (double)all / (OfEach * counts.Count)));
        figures.Add(new("all precision", (double)all / told));
        return new QualityTable(text.ToString(), figures);
    }

    private static int Numbers() => Texts().Count(static t => t.Kind is null);

    private static IEnumerable<(string? Kind, string Text, string? Value)> Texts()
    {
        var values = new PatternValues(21);
        foreach (var (kind, name) in PatternValues.Kinds)
        {
            for (var i = 0; i < OfEach; i++)
            {
                var value = values.Of(kind, i);
                yield return (kind, string.Format(CultureInfo.InvariantCulture, _sentences[(i / 2) % _sentences.Length], name, value), value);
            }
        }

        for (var i = 0; i < 1_500; i++)
        {
            var digits = string.Concat(Enumerable.Range(0, 4 + values.Next(9)).Select(_ => values.Next(10)));
            yield return (null, string.Format(CultureInfo.InvariantCulture, _other[i % _other.Length], digits, values.Next(900), values.Next(int.MaxValue).ToString("x8", CultureInfo.InvariantCulture)), null);
        }

        if (OpenSets.Folder is not null)
        {
            foreach (var example in OpenSets.All().Where(static e => e.Family is "plain questions" or "plain sentences").Take(6_000))
            {
                yield return (null, example.Text, null);
            }
        }
    }
}
