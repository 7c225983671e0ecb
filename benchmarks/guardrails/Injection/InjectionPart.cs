using System.Globalization;
using System.Text;
using Gateway.Benchmarks.Guardrails.Training;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>Prompt injection: how families fare while they are held out of training, and what the committed model says of the sets it was trained on.</summary>
internal static class InjectionPart
{
    public static QualityTable? Run(Options options)
    {
        if (InjectionTraining.Judge(options) is not { } judged)
        {
            return null;
        }

        var (held, known, constants) = judged;
        var model = InjectionTraining.Latest();
        var shipped = held.AsParallel().AsOrdered().Select(h => InjectionScorer.Score(h.Example.Text, h.Example.Source, model).Highest >= 0.5f).ToArray();
        var rows = held.Select((h, i) => new Row(h.Example, h.IsCaught(constants), known[i].IsCaught(constants), shipped[i])).ToArray();
        if (options.Errors > 0)
        {
            foreach (var error in rows.Where(static r => !r.Example.IsOwn && r.Held != r.Example.IsAttack).Take(options.Errors))
            {
                Console.WriteLine($"{error.Example.Family}: {error.Example.Text[..Math.Min(160, error.Example.Text.Length)].ReplaceLineEndings(" / ")}");
            }
        }

        var text = new StringBuilder();
        text.AppendLine("Prompt injection: share taken for an attack, of attacks (recall) and of benign texts (false alarms)");
        text.AppendLine("held out: by models that had not seen the source (* a part of it at a time); known: by models that had not seen the text, but others of its source;");
        text.AppendLine("shipped: by the committed model, which was trained on them");
        text.AppendLine().AppendLine($"{"",-44}{"texts",7}{"held out",10}{"known",8}{"shipped",9}");
        var figures = new List<QualityFigure>();
        foreach (var kind in rows.Where(static r => !r.Example.IsOwn).GroupBy(static r => r.Example.Kind).OrderBy(static g => g.Key))
        {
            Line(text, $"open sets, {kind.Key.ToString().ToLowerInvariant()}", [.. kind]);
            var attack = kind.Key >= ExampleKind.Direct;
            figures.Add(new($"{kind.Key} held out", kind.Average(static r => r.Held ? 1 : 0), !attack));
            figures.Add(new($"{kind.Key} known", kind.Average(static r => r.Known ? 1 : 0), !attack));
            figures.Add(new($"{kind.Key} shipped", kind.Average(static r => r.Shipped ? 1 : 0), !attack));
        }

        foreach (var kind in rows.Where(static r => r.Example.IsOwn).GroupBy(static r => r.Example.Kind).OrderBy(static g => g.Key))
        {
            Line(text, $"own, {kind.Key.ToString().ToLowerInvariant()}", [.. kind]);
        }

        text.AppendLine();
        foreach (var family in rows.GroupBy(static r => (r.Example.Kind, r.Example.Family)).OrderBy(static g => g.Key.Kind).ThenBy(static g => g.Key.Family, StringComparer.Ordinal))
        {
            Line(text, $"{family.Key.Kind.ToString().ToLowerInvariant()}: {family.Key.Family}{(InjectionTraining.IsSplit(family.Key.Family) ? "*" : "")}", [.. family]);
        }

        return new QualityTable(text.ToString(), figures);
    }

    private static void Line(StringBuilder text, string name, IReadOnlyCollection<Row> rows) => text.AppendLine(
        CultureInfo.InvariantCulture, $"{name,-44}{rows.Count,7}{rows.Average(static r => r.Held ? 1 : 0),10:P1}{(rows.First().Example.IsOwn ? "" : rows.Average(static r => r.Known ? 1 : 0).ToString("P1", CultureInfo.InvariantCulture)),8}{rows.Average(static r => r.Shipped ? 1 : 0),9:P1}");

    private sealed record Row(Example Example, bool Held, bool Known, bool Shipped);
}
