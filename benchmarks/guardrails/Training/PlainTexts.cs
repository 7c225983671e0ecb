using System.Text.Json;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>Harmless texts that lie beside the project: questions, sentences, records, manuals that speak of prompts and instructions all the time, descriptions of tools, and long texts made of them.</summary>
internal static class PlainTexts
{
    private const int MaxQuestions = 9_000;
    private const int MaxSentences = 3_000;
    private const int LeastManual = 60;
    private const int LongTexts = 500;

    private static readonly string[] _interfaces = ["openai-openapi.json", "bedrock-runtime-smithy.json"];

    public static IEnumerable<Example> All()
    {
        var folder = OpenSets.Folder!;
        var questions = Questions(folder).ToArray();
        var sentences = Sentences(folder).ToArray();
        var manuals = Manuals(folder).ToArray();
        return
        [
            .. Of("plain questions", questions), .. Of("plain sentences", sentences), .. Of("plain records", Records(folder)), .. Both("plain manuals", manuals), .. Both("plain tools", Tools(folder)),
            .. Both("plain long texts", Long(sentences, manuals, questions)),
        ];
    }

    private static IEnumerable<Example> Of(string family, IEnumerable<string> texts) => texts.Select(text => new Example(text, ExampleKind.Benign, family));

    // As what people write and as what tools bring, in turn.
    private static IEnumerable<Example> Both(string family, IEnumerable<string> texts) => texts.Select((text, i) => new Example(text, ExampleKind.Benign, family, i % 2 == 0 ? TextSource.Person : TextSource.Data));

    private static IEnumerable<string> Questions(string folder)
    {
        foreach (var line in File.ReadLines(Path.Combine(folder, "semcache/gptcache/qqp-dev-12000.jsonl")).Take(MaxQuestions))
        {
            using var json = JsonDocument.Parse(line);
            yield return json.RootElement.GetProperty("text_a").GetString()!;
        }
    }

    private static IEnumerable<string> Sentences(string folder) =>
        OpenSets.Csv(File.ReadAllText(Path.Combine(folder, "semcache/stsb/stsb-en-train.csv"))).Take(MaxSentences).Where(static r => r.Count > 0).Select(static r => r[0]);

    private static IEnumerable<string> Records(string folder)
    {
        foreach (var file in new[] { "generated_large.json", "generated_small.json" })
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "pii/presidio-research", file)));
            foreach (var item in json.RootElement.EnumerateArray())
            {
                yield return item.GetProperty("full_text").GetString()!;
            }
        }
    }

    // What the descriptions of two interfaces of models say.
    private static IEnumerable<string> Manuals(string folder) =>
        _interfaces.Select(file => Path.Combine(folder, "specs", file)).Where(File.Exists).SelectMany(static file =>
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            var texts = new List<string>();
            Descriptions(json.RootElement, texts);
            return texts;
        }).Where(static t => t.Length >= LeastManual).Distinct();

    private static void Descriptions(JsonElement element, List<string> texts)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Descriptions(item, texts);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.String && member.Name is "description" or "smithy.api#documentation")
                {
                    texts.Add(member.Value.GetString()!);
                }
                else
                {
                    Descriptions(member.Value, texts);
                }
            }
        }
    }

    private static IEnumerable<string> Tools(string folder)
    {
        var path = Path.Combine(folder, "mcp-tools/round3.json");
        if (!File.Exists(path))
        {
            yield break;
        }

        using var json = JsonDocument.Parse(File.ReadAllText(path));
        foreach (var tool in json.RootElement.EnumerateArray())
        {
            yield return $"{tool.GetProperty("tool_name").GetString()}: {tool.GetProperty("description").GetString()}";
        }
    }

    // Longer texts have more sentences that may look like something.
    private static IEnumerable<string> Long(params string[][] from)
    {
        var random = new Random(20_250_102);
        for (var i = 0; i < LongTexts; i++)
        {
            var of = from[random.Next(from.Length)];
            var parts = Enumerable.Range(0, 4 + random.Next(20)).Select(_ => of[random.Next(of.Length)].Trim());
            yield return string.Join(random.Next(3) switch { 0 => "\n", 1 => "\n\n", _ => " " }, parts);
        }
    }
}
