using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>The examples written for this project, filled and put together by chance from a fixed seed.</summary>
internal static class OwnExamples
{
    private const int PerLine = 14;
    /// <summary>All of them, always the same.</summary>
    public static IEnumerable<Example> All()
    {
        var random = new Random(20_250_101);
        return
        [
            .. Prompts("direct", "direct", ExampleKind.Direct, random), .. Prompts("direct", "direct-more", ExampleKind.Direct, random),
            .. Prompts("benign", "benign", ExampleKind.Trigger, random), .. Prompts("benign", "benign-more", ExampleKind.Trigger, random),
            .. Jailbreaks(random), .. Planted(random), .. Languages(random), .. LanguageExamples.All(random), .. Mixtures(random),
        ];
    }

    private static IEnumerable<Example> Prompts(string kindName, string file, ExampleKind kind, Random random) =>
        ExampleFiles.Families(file).SelectMany(family => Filled(family.Lines, PerLine, random).Select(text => new Example(text, kind, $"own {kindName}: {family.Name}")));

    private static IEnumerable<string> Filled(IReadOnlyList<string> lines, int each, Random random) =>
        lines.SelectMany(line => Enumerable.Range(0, each).Select(_ => Template.Fill(line, random))).Distinct();

    private static IEnumerable<Example> Jailbreaks(Random random)
    {
        var families = ExampleFiles.Families("jailbreak").Concat(ExampleFiles.Families("jailbreak-more")).GroupBy(static f => f.Name).ToDictionary(static g => g.Key, static g => g.SelectMany(static f => f.Lines).ToArray());
        foreach (var (goals, kind, name) in new[] { (families["goals"], ExampleKind.Jailbreak, "own jailbreak: frames"), (families["harmless"], ExampleKind.Trigger, "own benign: frames") })
        {
            foreach (var goal in goals)
            {
                foreach (var frame in families["frames"].OrderBy(_ => random.Next()).Take(kind == ExampleKind.Jailbreak ? 5 : 2))
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

    private static IEnumerable<Example> Planted(Random random)
    {
        IReadOnlyList<string> carriers = [.. ExampleFiles.Lines("carriers"), .. ExampleFiles.Lines("carriers-more")];
        var frames = ExampleFiles.Lines("frames");
        foreach (var carrier in carriers)
        {
            foreach (var frame in frames.OrderBy(_ => random.Next()).Take(8))
            {
                var (text, _) = Framed(frame, carrier);
                yield return new Example(text, ExampleKind.Benign, "own benign: data", random.Next(2) == 0 ? TextSource.Data : TextSource.Person);
            }
        }

        foreach (var family in ExampleFiles.Families("payloads").Concat(ExampleFiles.Families("payloads-more")))
        {
            foreach (var payload in Filled(family.Lines, 26, random))
            {
                var carrier = carriers[random.Next(carriers.Count)];
                yield return Plant(payload, carrier, frames[random.Next(frames.Count)], $"own indirect: {family.Name}", random);
            }
        }
    }

    // Between two sentences, at the end, in a comment or alone.
    internal static Example Plant(string payload, string carrier, string frame, string family, Random random)
    {
        carrier = carrier.Replace("\\n", "\n", StringComparison.Ordinal);
        var places = new List<int>();
        for (var i = 1; i + 1 < carrier.Length; i++)
        {
            if ((carrier[i - 1] is '.' or '!' or '。' && carrier[i] == ' ') || carrier[i] == '\n' || (carrier[i] == '<' && carrier[i - 1] != '>'))
            {
                places.Add(i);
            }
        }

        var at = places.Count > 0 && random.Next(4) > 0 ? places[random.Next(places.Count)] : carrier.Length;
        var (before, after) = random.Next(8) switch { 0 => ("\n\n", "\n\n"), 1 => (" <!-- ", " -->"), 2 => (" \"", "\""), 3 => ("\n", "\n"), 4 => (" [", "]"), _ => (" ", "") };
        if (random.Next(7) == 0)
        {
            (carrier, at, before, after) = ("", 0, "", "");
        }

        var (text, offset) = Framed(frame.Replace("\\n", "\n", StringComparison.Ordinal), carrier[..at] + before + payload + after + carrier[at..]);
        return new Example(text, ExampleKind.Indirect, family, random.Next(3) == 0 ? TextSource.Data : TextSource.Person) { PlantedAt = offset + at + before.Length, PlantedLength = payload.Length };
    }

    private static (string Text, int Offset) Framed(string frame, string document)
    {
        frame = frame.Replace("\\n", "\n", StringComparison.Ordinal);
        return (frame.Replace("{DOC}", document.Replace("\\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal), frame.IndexOf("{DOC}", StringComparison.Ordinal));
    }

    private static IEnumerable<Example> Languages(Random random)
    {
        var carriers = ExampleFiles.Lines("carriers");
        foreach (var language in ExampleFiles.Families("languages"))
        {
            var parts = language.Lines.Select(static l => l.Split(": ", 2)).ToDictionary(static p => p[0], static p => p[1].Split('|'));
            var group = LanguageExamples.Group(language.Name);
            var (direct, indirect, benign) = ($"own languages {group}: direct", $"own languages {group}: indirect", $"own languages {group}: benign");
            foreach (var text in parts["benign"].Concat(parts["task"]))
            {
                yield return new Example(text, ExampleKind.Trigger, benign);
            }

            foreach (var ask in parts["ask"])
            {
                yield return new Example(ask, ExampleKind.Direct, direct);
            }

            foreach (var first in parts["override"])
            {
                yield return new Example(first, ExampleKind.Direct, direct);
                foreach (var then in parts["ask"].Concat(parts["task"]))
                {
                    if (random.Next(2) == 0)
                    {
                        yield return new Example($"{first} {then}", ExampleKind.Direct, direct);
                    }

                    if (random.Next(3) == 0)
                    {
                        yield return Plant($"{first} {then}", carriers[random.Next(carriers.Count)], "{DOC}", indirect, random);
                    }
                }
            }
        }
    }

    // Benign prompts one after the other, so that more than one sentence is not itself a sign; and attacks among benign ones in the ways that people paste things together.
    private static IEnumerable<Example> Mixtures(Random random)
    {
        var benign = ExampleFiles.Families("benign").Concat(ExampleFiles.Families("benign-more")).SelectMany(static f => f.Lines.Select(l => (f.Name, Line: l))).ToList();
        var direct = ExampleFiles.Families("direct").Concat(ExampleFiles.Families("direct-more")).SelectMany(static f => f.Lines.Select(l => (f.Name, Line: l))).ToList();
        for (var i = 0; i < 900; i++)
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
}
