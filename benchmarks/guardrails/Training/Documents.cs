namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Documents, mails, pages, records and results of tools: those that were written out, and those that are made by chance from documents.txt.</summary>
internal sealed class Documents
{
    private readonly IReadOnlyList<string> _written;
    private readonly IReadOnlyList<string> _templates;
    private readonly IReadOnlyList<(string Name, string Choices)> _names;

    private Documents()
    {
        _written = [.. ExampleFiles.Lines("carriers"), .. ExampleFiles.Lines("carriers-more")];
        var lines = ExampleFiles.Lines("documents");
        _names = [.. lines.Where(static l => l.StartsWith('@')).Select(static l => l[1..].Split(' ', 2)).Select(static p => ("$" + p[0], p[1])).OrderByDescending(static p => p.Item1.Length)];
        _templates = [.. lines.Where(static l => !l.StartsWith('@') && !l.StartsWith("= ", StringComparison.Ordinal))];
    }

    public static Documents Default { get; } = new();

    /// <summary>Those that were written out.</summary>
    public IReadOnlyList<string> Written => _written;

    /// <summary>So many of each template.</summary>
    public IEnumerable<string> Made(int each, Random random) => _templates.SelectMany(t => Enumerable.Range(0, each).Select(_ => Fill(t, random))).Distinct();

    /// <summary>Any of both.</summary>
    public string Any(Random random) => random.Next(5) < 2 ? _written[random.Next(_written.Count)] : Fill(_templates[random.Next(_templates.Count)], random);

    /// <summary>A line with its choices made, and those of the names in it.</summary>
    public string Fill(string line, Random random)
    {
        // A name may stand for a line with names in it.
        for (var round = 0; round < 2; round++)
        {
            foreach (var (name, choices) in _names)
            {
                line = line.Replace(name, choices, StringComparison.Ordinal);
            }
        }

        return Template.Fill(line, random);
    }
}
