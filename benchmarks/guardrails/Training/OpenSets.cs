using System.Text;
using System.Text.Json;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>The development sets that lie beside the project; which parts are used is in docs/guardrails-quality.md.</summary>
internal static class OpenSets
{
    /// <summary>The folder of data; null where it is absent.</summary>
    public static string? Folder { get; } = Directory.Exists(Path.Combine(Data.Shared, "injection")) ? Data.Shared : null;

    public static IEnumerable<Example> All() => [.. Mixed(), .. Deepset(), .. PiGuard(), .. PlainTexts.All()];

    private static IEnumerable<Example> Mixed()
    {
        foreach (var line in File.ReadLines(Path.Combine(Folder!, "injection/mixed/train.jsonl")))
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            var kind = root.GetProperty("kind").GetString() switch { "direct" => ExampleKind.Direct, "indirect" => ExampleKind.Indirect, "jailbreak" => ExampleKind.Jailbreak, _ => ExampleKind.Trigger };
            yield return new Example(root.GetProperty("text").GetString()!, kind, $"{root.GetProperty("source").GetString()}{(kind == ExampleKind.Indirect ? " indirect" : "")}");
        }
    }

    private static IEnumerable<Example> Deepset()
    {
        foreach (var (file, kind, family) in new[] { ("dataset.csv", ExampleKind.Direct, "deepset attacks"), ("safe.csv", ExampleKind.Benign, "deepset benign") })
        {
            foreach (var row in Csv(File.ReadAllText(Path.Combine(Folder!, "injection/deepset", file))).Skip(1).Where(static r => r.Count > 1))
            {
                yield return new Example(row[0], kind, family);
            }
        }
    }

    private static IEnumerable<Example> PiGuard()
    {
        using var valid = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder!, "injection/piguard/valid.json")));
        foreach (var item in valid.RootElement.EnumerateArray())
        {
            var source = item.GetProperty("source").GetString()!;
            var attack = item.GetProperty("label").GetInt32() == 1;

            // Single tasks of BIPIA are attacks only where they are planted; alone they are what people ask.
            if (attack && source.StartsWith("BIPIA", StringComparison.Ordinal))
            {
                continue;
            }

            var kind = !attack ? source.StartsWith("PINT_d", StringComparison.Ordinal) || source.StartsWith("PINT_c", StringComparison.Ordinal) ? ExampleKind.Benign : ExampleKind.Trigger
                : source.Contains("jailbreak", StringComparison.Ordinal) ? ExampleKind.Jailbreak : ExampleKind.Direct;
            yield return new Example(item.GetProperty("prompt").GetString()!, kind, "piguard " + source);
        }

        foreach (var (file, family) in new[] { ("BIPIA_text.json", "bipia text"), ("BIPIA_code.json", "bipia code") })
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder!, "injection/piguard", file)));
            foreach (var group in json.RootElement.EnumerateObject().Where(static g => g.Name is not ("Task Automation" or "Business Intelligence" or "Conversational Agent" or "Research Assistance" or "Sentiment Analysis")))
            {
                foreach (var text in group.Value.EnumerateArray())
                {
                    yield return new Example(text.GetString()!, ExampleKind.Indirect, family, Gateway.Guardrails.Engine.Injection.TextSource.Data);
                }
            }
        }
    }

    // Quoted fields with doubled quotes and line breaks.
    internal static IEnumerable<IReadOnlyList<string>> Csv(string text)
    {
        var (row, field, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else if (c == '"')
                {
                    quoted = false;
                }
                else
                {
                    field.Append(c);
                }
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (c is ',' or '\n')
            {
                row.Add(field.ToString().TrimEnd('\r'));
                field.Clear();
                if (c == '\n')
                {
                    yield return row;
                    row = [];
                }
            }
            else
            {
                field.Append(c);
            }
        }

        if (row.Count > 0 || field.Length > 0)
        {
            row.Add(field.ToString());
            yield return row;
        }
    }
}
