using System.Reflection;

namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>Reads lists of phrases that the engine brings along: <c>[name]</c>, then phrases set apart by bars; lines that begin with # say something about them.</summary>
internal static class PhraseFile
{
    /// <summary>Reads a list.</summary>
    /// <param name="resource">Its name.</param>
    /// <param name="bits">The bits of what stands under a name, written without underscores.</param>
    public static PhraseTree Read(string resource, Func<string, ulong> bits)
    {
        var tree = new PhraseTree();
        foreach (var (name, phrases) in Sections(resource))
        {
            var of = bits(name.Replace("_", "", StringComparison.Ordinal));
            if (of == 0)
            {
                throw new InvalidOperationException($"The resource {resource} has a section {name} that nothing knows.");
            }

            foreach (var phrase in phrases)
            {
                tree.Add(phrase, of);
            }
        }

        return tree;
    }

    /// <summary>The sections of a list.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Phrases)> Sections(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"The resource {resource} is missing.");
        using var reader = new StreamReader(stream);
        var (name, phrases) = ("", new List<string>());
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 2 && line[0] == '[' && line[^1] == ']' && !line.Contains('|', StringComparison.Ordinal))
            {
                if (phrases.Count > 0)
                {
                    yield return (name, phrases);
                }

                (name, phrases) = (line[1..^1], []);
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                phrases.AddRange(line.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            }
        }

        yield return (name, phrases);
    }
}
