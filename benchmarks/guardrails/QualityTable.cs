using System.Globalization;

namespace Gateway.Benchmarks.Guardrails;

/// <summary>A figure that later runs are held to, between 0 and 1.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The figure.</param>
/// <param name="LowerIsBetter">True for rates of false alarms.</param>
internal sealed record QualityFigure(string Name, double Value, bool LowerIsBetter = false);

/// <summary>The results of a part: a text for people, and the figures in it that may not fall.</summary>
internal sealed class QualityTable(string text, IReadOnlyList<QualityFigure> figures)
{
    private const double Allowed = 0.01;
    private const string Mark = "figure ";

    /// <summary>Prints it and compares; false when a figure fell by more than a point.</summary>
    public bool Report(string part, bool write)
    {
        Console.WriteLine(text);
        var path = Path.Combine(Data.Results, $"guardrails-{part}.txt");
        var lines = figures.Select(static f => string.Create(CultureInfo.InvariantCulture, $"{Mark}{f.Name} = {f.Value:0.0000}"));
        if (write)
        {
            File.WriteAllText(path, text.TrimEnd() + "\n\n" + string.Join('\n', lines) + "\n");
            return true;
        }

        if (!File.Exists(path))
        {
            Console.WriteLine($"There are no results of {part} to compare with.");
            return true;
        }

        var before = File.ReadLines(path).Where(static l => l.StartsWith(Mark, StringComparison.Ordinal)).Select(static l => l[Mark.Length..].Split(" = "))
            .ToDictionary(static p => p[0], static p => double.Parse(p[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        var good = true;
        foreach (var figure in figures)
        {
            if (before.TryGetValue(figure.Name, out var was) && (figure.LowerIsBetter ? figure.Value - was : was - figure.Value) > Allowed)
            {
                Console.WriteLine($"WORSE: {figure.Name} is {figure.Value:0.000}, was {was:0.000}.");
                good = false;
            }
        }

        return good;
    }
}
