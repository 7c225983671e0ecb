namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>The files of examples written for this project: one a line, "# " begins a remark and "= " a family.</summary>
internal static class ExampleFiles
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "Training", "Data");

    public static IReadOnlyList<string> Lines(string file) =>
        [.. File.ReadAllLines(Path.Combine(_folder, file + ".txt")).Where(static l => l.Length > 0 && !l.StartsWith("# ", StringComparison.Ordinal))];

    public static IEnumerable<(string Name, IReadOnlyList<string> Lines)> Families(string file)
    {
        var (name, lines) = ("", new List<string>());
        foreach (var line in Lines(file))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
            {
                if (lines.Count > 0)
                {
                    yield return (name, lines);
                }

                (name, lines) = (line[2..], []);
            }
            else
            {
                lines.Add(line);
            }
        }

        yield return (name, lines);
    }
}
