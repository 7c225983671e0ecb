using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.ApplyDocuments;

/// <summary>Writes JSON values as YAML: block style, texts quoted where they could be taken for something else.</summary>
public static partial class YamlText
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] Words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

    /// <summary>The text of a document, ending with a line end.</summary>
    public static string Write(JsonObject root)
    {
        var text = new StringBuilder();
        if (root.Count == 0)
        {
            return "{}\n";
        }

        Members(text, root, 0, first: false);
        return text.ToString();
    }

    private static void Members(StringBuilder text, JsonObject members, int indent, bool first)
    {
        foreach (var (name, value) in members)
        {
            if (!first)
            {
                text.Append(' ', indent);
            }

            first = false;
            text.Append(Plain(name)).Append(':');
            Value(text, value, indent);
        }
    }

    private static void Value(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } members:
                text.Append('\n');
                Members(text, members, indent + 2, first: false);
                break;
            case JsonArray { Count: > 0 } items:
                text.Append('\n');
                Items(text, items, indent + 2);
                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static void Items(StringBuilder text, JsonArray items, int indent)
    {
        foreach (var item in items)
        {
            text.Append(' ', indent).Append('-');
            switch (item)
            {
                case JsonObject { Count: > 0 } members:
                    text.Append(' ');
                    Members(text, members, indent + 2, first: true);
                    break;
                case JsonArray { Count: > 0 } inner:
                    text.Append('\n');
                    Items(text, inner, indent + 2);
                    break;
                default:
                    text.Append(' ').Append(Scalar(item)).Append('\n');
                    break;
            }
        }
    }

    private static string Scalar(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => Plain(text.GetValue<string>()),
        _ => value.ToJsonString(),
    };

    private static string Plain(string text)
        => Harmless().IsMatch(text) && !Words.Contains(text, StringComparer.OrdinalIgnoreCase) ? text : JsonSerializer.Serialize(text, Readable);

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_./@-]*( [A-Za-z0-9_./@-]+)*\z")]
    private static partial Regex Harmless();
}
