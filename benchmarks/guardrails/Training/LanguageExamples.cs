using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>What the lists of languages have of each one, put together as attacks and as what is harmless. Languages of one group are held out together, with all they have.</summary>
internal static class LanguageExamples
{
    public static IEnumerable<Example> All(Random random) => [.. Short(random), .. Long("languages-more", random), .. Long("languages-wide", random), .. Long("languages-further", random), .. Mixed(random)];

    /// <summary>The group of languages that one is held out with.</summary>
    public static int Group(string language) => language.Sum(static c => c) % 3;

    private static IEnumerable<Example> Short(Random random)
    {
        foreach (var (name, parts) in Read("languages"))
        {
            var group = $"own languages {Group(name)}";
            foreach (var text in parts["benign"].Concat(parts["task"]))
            {
                yield return new Example(text, ExampleKind.Trigger, $"{group}: benign");
            }

            foreach (var ask in parts["ask"])
            {
                yield return new Example(ask, ExampleKind.Direct, $"{group}: direct");
            }

            foreach (var first in parts["override"])
            {
                yield return new Example(first, ExampleKind.Direct, $"{group}: direct");
                foreach (var then in parts["ask"].Concat(parts["task"]))
                {
                    if (random.Next(2) == 0)
                    {
                        yield return new Example($"{first} {then}", ExampleKind.Direct, $"{group}: direct");
                    }

                    if (random.Next(3) == 0)
                    {
                        yield return PlantedExamples.Plant($"{first} {then}", Documents.Default.Any(random), "{DOC}", $"{group}: indirect", random);
                    }
                }
            }
        }
    }

    private static IEnumerable<Example> Long(string file, Random random)
    {
        foreach (var (name, parts) in Read(file))
        {
            var group = $"own languages {Group(name)}";
            string Any(string part) => parts[part][random.Next(parts[part].Length)];

            foreach (var text in parts["benign"])
            {
                yield return new Example(text, ExampleKind.Trigger, $"{group}: benign");
                yield return new Example($"{text} {Any("benign")}", ExampleKind.Trigger, $"{group}: benign");
            }

            foreach (var text in parts["data"])
            {
                yield return new Example(text, ExampleKind.Trigger, $"{group}: benign");
                yield return new Example(text, ExampleKind.Trigger, $"{group}: benign", TextSource.Data);
                yield return new Example($"{text} {Any("data")}", ExampleKind.Trigger, $"{group}: benign", TextSource.Data);
            }

            foreach (var text in parts["ask"])
            {
                yield return new Example(text, ExampleKind.Direct, $"{group}: direct");
                yield return new Example($"{Any("benign")} {text}", ExampleKind.Direct, $"{group}: direct");
            }

            foreach (var text in parts["override"])
            {
                yield return new Example($"{text} {Any("ask")}", ExampleKind.Direct, $"{group}: direct");
                yield return new Example($"{text} {Any("ask")}", ExampleKind.Direct, $"{group}: direct");
                yield return new Example($"{text} {Any("benign")}", ExampleKind.Direct, $"{group}: direct");
                yield return new Example($"{Any("benign")} {text} {Any("ask")}", ExampleKind.Direct, $"{group}: direct");
            }

            foreach (var text in parts["plant"])
            {
                yield return Within(text, Any("data"), $"{group}: indirect", random);
                yield return Within(text, Any("data"), $"{group}: indirect", random);
                yield return PlantedExamples.Plant(text, Documents.Default.Any(random), "{DOC}", $"{group}: indirect", random);
            }

            foreach (var text in parts["role"])
            {
                yield return new Example(text, ExampleKind.Jailbreak, $"{group}: jailbreak");
                yield return new Example($"{text} {Any("ask")}", ExampleKind.Jailbreak, $"{group}: jailbreak");
            }
        }
    }

    // Two languages in one prompt, with and without an attack; of the same group, so that nothing of it is known while it is held out.
    private static IEnumerable<Example> Mixed(Random random)
    {
        foreach (var group in Read("languages-more").Concat(Read("languages-wide")).Concat(Read("languages-further")).GroupBy(static l => Group(l.Name)).OrderBy(static g => g.Key))
        {
            var all = group.Select(static l => l.Parts).ToArray();
            string Any(string part) => all[random.Next(all.Length)][part] is var of ? of[random.Next(of.Length)] : "";
            for (var i = 0; i < 60; i++)
            {
                yield return new Example($"{Any("benign")} {Any("benign")}", ExampleKind.Trigger, $"own languages {group.Key}: benign");
                yield return new Example($"{Any("benign")} {Any("override")} {Any("ask")}", ExampleKind.Direct, $"own languages {group.Key}: direct");
                yield return Within(Any("plant"), Any("data"), $"own languages {group.Key}: indirect", random);
            }
        }
    }

    private static IEnumerable<(string Name, IReadOnlyDictionary<string, string[]> Parts)> Read(string file) =>
        ExampleFiles.Families(file).Select(static f => (f.Name, (IReadOnlyDictionary<string, string[]>)f.Lines.Select(static l => l.Split(": ", 2)).ToDictionary(static p => p[0], static p => p[1].Split('|'))));

    private static Example Within(string order, string data, string family, Random random)
    {
        var before = random.Next(2) == 0 ? data + " " : data + "\n\n";
        return new Example(before + order, ExampleKind.Indirect, family, random.Next(2) == 0 ? TextSource.Data : TextSource.Person) { PlantedAt = before.Length, PlantedLength = order.Length };
    }
}
