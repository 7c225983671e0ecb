using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>What languages-more.txt has of each language, put together as attacks and as what is harmless. Languages of one group are held out together, with all they have.</summary>
internal static class LanguageExamples
{
    public static IEnumerable<Example> All(Random random)
    {
        var carriers = ExampleFiles.Lines("carriers");
        foreach (var (name, lines) in ExampleFiles.Families("languages-more"))
        {
            var parts = lines.Select(static l => l.Split(": ", 2)).ToDictionary(static p => p[0], static p => p[1].Split('|'));
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
                yield return OwnExamples.Plant(text, carriers[random.Next(carriers.Count)], "{DOC}", $"{group}: indirect", random);
            }

            foreach (var text in parts["role"])
            {
                yield return new Example(text, ExampleKind.Jailbreak, $"{group}: jailbreak");
                yield return new Example($"{text} {Any("ask")}", ExampleKind.Jailbreak, $"{group}: jailbreak");
            }
        }
    }

    /// <summary>The group of languages that one is held out with.</summary>
    public static int Group(string language) => language.Sum(static c => c) % 3;

    private static Example Within(string order, string data, string family, Random random)
    {
        var before = random.Next(2) == 0 ? data + " " : data + "\n\n";
        return new Example(before + order, ExampleKind.Indirect, family, random.Next(2) == 0 ? TextSource.Data : TextSource.Person) { PlantedAt = before.Length, PlantedLength = order.Length };
    }
}
