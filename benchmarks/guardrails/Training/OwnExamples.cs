namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>The examples written for this project, filled and put together by chance from a fixed seed.</summary>
internal static class OwnExamples
{
    private const int PerLine = 14;
    private const int Mixed = 1_300;

    private static readonly string[] _benign = ["benign", "benign-more", "benign-wide", "benign-further"];
    private static readonly string[] _jailbreak = ["jailbreak", "jailbreak-more", "jailbreak-wide", "jailbreak-further"];

    /// <summary>The files of what people write to set aside the model's orders.</summary>
    public static IReadOnlyList<string> Direct { get; } = ["direct", "direct-more", "direct-wide", "direct-further"];

    /// <summary>All of them, always the same.</summary>
    public static IEnumerable<Example> All()
    {
        var random = new Random(20_250_101);
        return
        [
            .. Direct.SelectMany(file => Prompts("direct", file, ExampleKind.Direct, random)), .. _benign.SelectMany(file => Prompts("benign", file, ExampleKind.Trigger, random)),
            .. Jailbreaks(random), .. PlantedExamples.All(random), .. LanguageExamples.All(random), .. Mixtures(random),
        ];
    }

    private static IEnumerable<Example> Prompts(string kindName, string file, ExampleKind kind, Random random) =>
        ExampleFiles.Families(file).SelectMany(family => Filled(family.Lines, PerLine, random).Select(text => new Example(text, kind, $"own {kindName}: {family.Name}")));

    private static IEnumerable<string> Filled(IReadOnlyList<string> lines, int each, Random random) =>
        lines.SelectMany(line => Enumerable.Range(0, each).Select(_ => Template.Fill(line, random))).Distinct();

    private static IEnumerable<Example> Jailbreaks(Random random)
    {
        var families = _jailbreak.SelectMany(ExampleFiles.Families).GroupBy(static f => f.Name).ToDictionary(static g => g.Key, static g => g.SelectMany(static f => f.Lines).ToArray());
        foreach (var (goals, kind, name) in new[] { (families["goals"], ExampleKind.Jailbreak, "own jailbreak: frames"), (families["harmless"], ExampleKind.Trigger, "own benign: frames") })
        {
            foreach (var goal in goals)
            {
                foreach (var frame in families["frames"].OrderBy(_ => random.Next()).Take(kind == ExampleKind.Jailbreak ? 6 : 3))
                {
                    var filled = Template.Fill(frame, random).Replace("{GOAL_CAP}", char.ToUpperInvariant(goal[0]) + goal[1..], StringComparison.Ordinal).Replace("{GOAL}", goal, StringComparison.Ordinal);
                    yield return new Example(filled, kind, name);
                }
            }
        }

        foreach (var text in Filled(families["personas"], 25, random))
        {
            yield return new Example(text, ExampleKind.Jailbreak, "own jailbreak: personas");
        }
    }

    // Benign prompts one after the other, so that more than one sentence is not itself a sign; and attacks among benign ones in the ways that people paste things together.
    private static IEnumerable<Example> Mixtures(Random random)
    {
        var benign = Lines(_benign);
        var direct = Lines(Direct);
        for (var i = 0; i < Mixed; i++)
        {
            var (name, line) = benign[random.Next(benign.Count)];
            var first = Template.Fill(line, random);
            var second = Template.Fill(benign[random.Next(benign.Count)].Line, random);
            yield return new Example(random.Next(6) switch { 0 => $"{first}\n\n{second}", 1 => $"{first.TrimEnd('.', '?', '!')} {second}", 2 => first.ToUpperInvariant(), _ => $"{first} {second}" }, ExampleKind.Trigger, $"own benign: {name}");
            var (attackName, attackLine) = direct[random.Next(direct.Count)];
            var attack = Template.Fill(attackLine, random);
            var text = random.Next(7) switch
            {
                0 => $"{first} {attack} {second}",
                1 => $"{first.TrimEnd('.', '?', '!')} {attack}",
                2 => $"{first}\n\n{attack}",
                3 => $"{attack} {first}",
                4 => attack.ToUpperInvariant(),
                _ => $"{first} {attack}",
            };
            yield return new Example(text, ExampleKind.Direct, $"own direct: {attackName}");
        }
    }

    private static List<(string Name, string Line)> Lines(IEnumerable<string> files) => [.. files.SelectMany(ExampleFiles.Families).SelectMany(static f => f.Lines.Select(l => (f.Name, l)))];
}
