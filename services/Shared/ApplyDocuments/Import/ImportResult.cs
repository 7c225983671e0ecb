using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.ApplyDocuments.Import;

/// <summary>Something of the other gateway's file that could not be carried over, or not as it was.</summary>
/// <param name="Path">Where it is in that file.</param>
/// <param name="Reason">Why, and what to do.</param>
public sealed record ImportNote(string Path, string Reason);

/// <summary>What became of a file.</summary>
/// <param name="Document">A document to apply. Secrets in it are references to environment variables wherever the file had such references.</param>
/// <param name="Notes">What could not be carried over.</param>
public sealed record ImportResult(JsonObject Document, IReadOnlyList<ImportNote> Notes);

/// <summary>A document in the making.</summary>
internal sealed class ImportDraft
{
    private readonly List<ImportNote> _notes = [];
    private readonly JsonObject _document = new() { ["version"] = 1, ["owner"] = "import" };

    public void Note(string path, string reason) => _notes.Add(new ImportNote(path, reason));

    public JsonObject Section(string name)
    {
        if (_document[name] is not JsonObject section)
        {
            _document[name] = section = [];
        }

        return section;
    }

    /// <summary>Adds an entry under an id that is free, and returns that id.</summary>
    public string Add(string section, string id, JsonObject entry)
    {
        var entries = Section(section);
        var free = id;
        for (var i = 2; entries.ContainsKey(free); i++)
        {
            free = $"{id}-{i}";
        }

        entries[free] = entry;
        return free;
    }

    public ImportResult Result() => new(_document, _notes);

    /// <summary>A text as an id: lower-case letters, digits, <c>- _ .</c>.</summary>
    public static string Id(string text)
    {
        var id = new StringBuilder(text.Length);
        foreach (var c in text.ToLowerInvariant())
        {
            id.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '.' ? c : '-');
        }

        var trimmed = id.ToString().Trim('-', '_', '.');
        return trimmed.Length == 0 ? "unnamed" : trimmed[..Math.Min(trimmed.Length, 100)];
    }

    /// <summary>A secret: a reference stays one, in this gateway's form; a written-out one is kept from being taken for a reference.</summary>
    public string Secret(string value, string path, params ReadOnlySpan<string> prefixes)
    {
        foreach (var prefix in prefixes)
        {
            if (value.StartsWith(prefix, StringComparison.Ordinal))
            {
                return $"${{{value[prefix.Length..]}}}";
            }
        }

        Note(path, "The secret is written out in the file and so in the document: keep both from others, or put it into an environment variable.");
        return value.Replace("${", "$${", StringComparison.Ordinal);
    }

    public static string? Text(JsonNode? node)
        => node is JsonValue value ? value.TryGetValue<string>(out var text) ? text : value.ToJsonString() : null;

    public static decimal? Number(JsonNode? node)
        => Text(node) is { } text && decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Notes every member that was not named.</summary>
    public void Rest(JsonObject? members, string path, params ReadOnlySpan<string> known)
    {
        foreach (var name in members?.Select(m => m.Key) ?? [])
        {
            if (!known.Contains(name))
            {
                Note($"{path}.{name}", "has no counterpart here.");
            }
        }
    }
}
