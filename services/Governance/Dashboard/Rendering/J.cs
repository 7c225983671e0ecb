using System.Globalization;
using System.Text.Json;

namespace Gateway.Dashboard.Rendering;

/// <summary>A place in a JSON document that can be walked without looking first: what is not there is empty.</summary>
public readonly record struct J(JsonElement? Element)
{
    private const int MostOfLine = 100;

    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsThere => Element is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) };

    public bool IsList => Element is { ValueKind: JsonValueKind.Array };

    public bool IsObject => Element is { ValueKind: JsonValueKind.Object };

    public J this[string name] => Element is { ValueKind: JsonValueKind.Object } e && e.TryGetProperty(name, out var found) ? new J(found) : default;

    public J this[int index] => Element is { ValueKind: JsonValueKind.Array } e && index < e.GetArrayLength() ? new J(e[index]) : default;

    /// <summary>A text, number or truth value as text; empty for all else.</summary>
    public string Text => Element switch
    {
        { ValueKind: JsonValueKind.String } e => e.GetString()!,
        { ValueKind: JsonValueKind.Number } e => e.GetRawText(),
        { ValueKind: JsonValueKind.True } => "true",
        { ValueKind: JsonValueKind.False } => "false",
        _ => "",
    };

    public long Whole => Element is { ValueKind: JsonValueKind.Number } e ? e.TryGetInt64(out var whole) ? whole : (long)e.GetDouble() : 0;

    public double Number => Element is { ValueKind: JsonValueKind.Number } e ? e.GetDouble() : 0;

    public bool True => Element is { ValueKind: JsonValueKind.True };

    public DateTimeOffset? Time => Element is { ValueKind: JsonValueKind.String } e && DateTimeOffset.TryParse(e.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    public IReadOnlyList<J> Items => Element is { ValueKind: JsonValueKind.Array } e ? [.. e.EnumerateArray().Select(i => new J(i))] : [];

    /// <summary>Texts of a list.</summary>
    public IReadOnlyList<string> Texts => [.. Items.Select(i => i.Text)];

    public IReadOnlyList<(string Name, J Value)> Fields => Element is { ValueKind: JsonValueKind.Object } e ? [.. e.EnumerateObject().Select(p => (p.Name, new J(p.Value)))] : [];

    public int Count => Element switch
    {
        { ValueKind: JsonValueKind.Array } e => e.GetArrayLength(),
        { ValueKind: JsonValueKind.Object } e => e.GetPropertyCount(),
        _ => 0,
    };

    /// <summary>The text, or another where there is none.</summary>
    public string TextOr(string other) => Text is { Length: > 0 } text ? text : other;

    /// <summary>The first of several members that is there.</summary>
    public J FirstOf(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (this[name] is { IsThere: true } found)
            {
                return found;
            }
        }

        return default;
    }

    /// <summary>The JSON, indented for people.</summary>
    public string Indented() => Element is { } e ? JsonSerializer.Serialize(e, _indented) : "";

    /// <summary>The JSON for a form: what fits a line is on one, so that a list of a few figures is no column of them.</summary>
    public string Laid() => Element is { } e ? Laid(e, "") : "";

    private static string Laid(JsonElement value, string margin)
    {
        var line = Line(value);
        if (line.Length + margin.Length <= MostOfLine || value.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
        {
            return line;
        }

        var inner = margin + "  ";
        return value.ValueKind == JsonValueKind.Array
            ? $"[\n{string.Join(",\n", value.EnumerateArray().Select(v => inner + Laid(v, inner)))}\n{margin}]"
            : $"{{\n{string.Join(",\n", value.EnumerateObject().Select(p => $"{inner}{Quoted(p.Name)}: {Laid(p.Value, inner)}"))}\n{margin}}}";
    }

    private static string Line(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Line))}]",
        JsonValueKind.Object when value.GetPropertyCount() == 0 => "{}",
        JsonValueKind.Object => $"{{ {string.Join(", ", value.EnumerateObject().Select(p => $"{Quoted(p.Name)}: {Line(p.Value)}"))} }}",
        _ => JsonSerializer.Serialize(value, _indented),
    };

    private static string Quoted(string name) => $"\"{JsonEncodedText.Encode(name)}\"";

    public static J Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return new J(document.RootElement.Clone());
    }
}
