using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Documents with orders to the model planted in them, and the same documents without.</summary>
internal static class PlantedExamples
{
    private const int PerPayload = 26;
    private const int PerDocument = 14;
    private const int PerDirect = 2;
    private const int CountOfComposed = 500;

    private static readonly string[] _payloads = ["payloads", "payloads-more", "payloads-wide", "payloads-further"];

    public static IEnumerable<Example> All(Random random)
    {
        var documents = Documents.Default;
        var frames = ExampleFiles.Lines("frames");
        foreach (var carrier in documents.Written)
        {
            foreach (var frame in frames.OrderBy(_ => random.Next()).Take(8))
            {
                yield return Harmless(frame, carrier, random);
            }
        }

        foreach (var document in documents.Made(PerDocument, random))
        {
            yield return Harmless(frames[random.Next(frames.Count)], document, random);
        }

        foreach (var family in _payloads.SelectMany(ExampleFiles.Families))
        {
            foreach (var payload in Filled(family.Lines, PerPayload, random))
            {
                yield return Plant(payload, documents.Any(random), frames[random.Next(frames.Count)], $"own indirect: {family.Name}", random);
            }
        }

        foreach (var payload in Composed(random))
        {
            yield return Plant(payload, documents.Any(random), frames[random.Next(frames.Count)], "own indirect: composed", random);
        }

        // What people write to set aside the model's orders stands in documents too. Held out with the family whose words it has.
        foreach (var family in OwnExamples.Direct.SelectMany(ExampleFiles.Families).Where(static f => f.Name is not ("repeat" or "shouted" or "swerve" or "beg")))
        {
            foreach (var payload in Filled(family.Lines, PerDirect, random))
            {
                yield return Plant(payload, documents.Any(random), frames[random.Next(frames.Count)], $"own direct: {family.Name}", random);
            }
        }
    }

    /// <summary>Between two sentences, at either end, in a comment or alone.</summary>
    public static Example Plant(string payload, string carrier, string frame, string family, Random random)
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
        switch (random.Next(14))
        {
            case 0:
                (carrier, at, before, after) = ("", 0, "", "");
                break;
            case 1:
                (at, before, after) = (0, "", "\n");
                break;
            default:
                break;
        }

        var (text, offset) = Framed(frame, carrier[..at] + before + payload + after + carrier[at..]);
        return new Example(text, ExampleKind.Indirect, family, random.Next(3) == 0 ? TextSource.Data : TextSource.Person) { PlantedAt = offset + at + before.Length, PlantedLength = payload.Length };
    }

    // Longer orders, of parts that may each be absent but for the order itself.
    private static IEnumerable<string> Composed(Random random)
    {
        var parts = ExampleFiles.Families("payload-parts").ToDictionary(static f => f.Name, static f => f.Lines);
        string Part(string name) => Documents.Default.Fill(parts[name][random.Next(parts[name].Count)], random);
        string Sentence(string text) => text.Length > 0 && random.Next(3) > 0 ? char.ToUpperInvariant(text[0]) + text[1..] : text;
        for (var i = 0; i < CountOfComposed; i++)
        {
            string[] said =
            [
                random.Next(3) > 0 ? Part("lead") : "", random.Next(2) == 0 ? Sentence(Part("drop")) : "", Sentence(Part("order")) + (random.Next(4) == 0 ? " and " + Part("order") : "") + ".",
                random.Next(2) == 0 ? Part("trail") : "", random.Next(5) == 0 ? Part("trail") : "",
            ];
            yield return string.Join(random.Next(5) == 0 ? "\n" : " ", said.Where(static s => s.Length > 0));
        }
    }

    private static Example Harmless(string frame, string document, Random random) =>
        new(Framed(frame, document).Text, ExampleKind.Benign, "own benign: data", random.Next(2) == 0 ? TextSource.Data : TextSource.Person);

    private static IEnumerable<string> Filled(IReadOnlyList<string> lines, int each, Random random) =>
        lines.SelectMany(line => Enumerable.Range(0, each).Select(_ => Documents.Default.Fill(line, random))).Distinct();

    private static (string Text, int Offset) Framed(string frame, string document)
    {
        frame = frame.Replace("\\n", "\n", StringComparison.Ordinal);
        return (frame.Replace("{DOC}", document.Replace("\\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal), frame.IndexOf("{DOC}", StringComparison.Ordinal));
    }
}
