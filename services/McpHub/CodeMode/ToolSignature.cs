using System.Text;
using System.Text.Json;

namespace Gateway.McpHub.CodeMode;

/// <summary>What a program must write to call a tool, made of the tool's schemas: <c>github.list_issues(owner: str, repo: str, state: "open" | "closed" = None) -> list[dict]</c>.</summary>
internal sealed class ToolSignature
{
    private const int LongestNote = 300;
    private const int LongestDescription = 1_000;

    private readonly string name;
    private readonly string? description;
    private readonly List<Parameter> parameters = [];
    private readonly string result;

    private ToolSignature(string name, string? description, string result) => (this.name, this.description, this.result) = (name, description, result);

    /// <summary>Names of the parameters, those first that must be given.</summary>
    public IReadOnlyList<string> Parameters => [.. parameters.Select(static p => p.Name)];

    /// <summary>What is said of the parameters, in words.</summary>
    public IEnumerable<string> Notes => parameters.Select(static p => p.Note is null ? p.Name : $"{p.Name} {p.Note}");

    /// <summary>Reads what is said of a tool.</summary>
    /// <param name="name">The name as programs write it.</param>
    /// <param name="description">What it does, or null.</param>
    /// <param name="input">Schema of its arguments.</param>
    /// <param name="output">Schema of its structured result, or null.</param>
    public static ToolSignature Of(string name, string? description, JsonElement input, JsonElement? output)
    {
        var signature = new ToolSignature(name, description, output is { ValueKind: JsonValueKind.Object } schema ? new SchemaTypes(schema).Of(schema) : "any");
        var types = new SchemaTypes(input);
        var root = types.Resolve(input);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return signature;
        }

        var required = SchemaTypes.Required(root);
        foreach (var property in properties.EnumerateObject().OrderByDescending(p => required.Contains(p.Name)))
        {
            signature.parameters.Add(new Parameter(property.Name, types.Of(property.Value), required.Contains(property.Name), Default(property.Value), Note(property.Value)));
        }

        return signature;
    }

    /// <summary>The signature on one line, with the first sentence of what the tool does.</summary>
    public string Brief() => $"{Line()}{(FirstSentence(description) is { Length: > 0 } said ? $"  # {said}" : "")}";

    /// <summary>The signature with all that is said of the tool and its parameters.</summary>
    public string Full()
    {
        var text = new StringBuilder(Line());
        if (!string.IsNullOrWhiteSpace(description))
        {
            text.Append("\n  ").Append(Shorten(OneLine(description), LongestDescription));
        }

        foreach (var parameter in parameters.Where(static p => p.Note is not null))
        {
            text.Append("\n  ").Append(parameter.Name).Append(": ").Append(Shorten(parameter.Note!, LongestNote));
        }

        return text.ToString();
    }

    private string Line()
    {
        var given = parameters.Select(static p => p.IsRequired ? $"{p.Name}: {p.Type}" : $"{p.Name}: {p.Type} = {p.Default ?? "None"}");
        return $"{name}({string.Join(", ", given)}) -> {result}";
    }

    private static string? Default(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("default", out var value) ? SchemaTypes.Literal(value) : null;

    private static string? Note(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("description", out var note) && note.ValueKind == JsonValueKind.String && OneLine(note.GetString()!) is { Length: > 0 } said ? said : null;

    private static string FirstSentence(string? text)
    {
        var line = OneLine(text ?? "");
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return Shorten(end > 0 ? line[..end] : line.TrimEnd('.'), LongestNote);
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Shorten(string text, int most) =>
        text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 1]) ? most - 1 : most), "…");

    private sealed record Parameter(string Name, string Type, bool IsRequired, string? Default, string? Note);
}
