using System.Globalization;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Citations: a statement in the answer's text and the sources it rests on.</summary>
internal static class CohereCitations
{
    /// <summary>Reads one; each source becomes a citation of its own. Nothing for citations of a tool plan, which no other dialect has.</summary>
    public static IEnumerable<Citation> Read(JsonElement citation)
    {
        if (citation.StringOf("type") == "PLAN" || citation.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var sources = (citation.Member("sources") ?? default).Items().ToList();
        return sources.Count == 0 ? [Read(citation, default)] : sources.Select(s => Read(citation, s));
    }

    /// <summary>Writes the citations of a text, those of one statement as one.</summary>
    /// <param name="writer">Receives them, as values.</param>
    /// <param name="text">The text and its citations.</param>
    /// <param name="contentIndex">Position of the text among the contents.</param>
    public static void Write(Utf8JsonWriter writer, TextPart text, int contentIndex)
    {
        foreach (var statement in Statements(text.Citations))
        {
            WriteStatement(writer, statement, text.Text, contentIndex);
        }
    }

    /// <summary>Writes one statement with its sources.</summary>
    public static void WriteStatement(Utf8JsonWriter writer, IReadOnlyList<Citation> statement, string? text, int contentIndex)
    {
        var first = statement[0];
        var start = first.End is null ? 0 : first.Start ?? 0;
        var end = first.End ?? text?.Length ?? 0;
        writer.WriteStartObject();
        writer.WriteNumber("start", start);
        writer.WriteNumber("end", end);
        writer.WriteString("text", text is null ? "" : text[Math.Clamp(start, 0, text.Length)..Math.Clamp(end, Math.Clamp(start, 0, text.Length), text.Length)]);
        writer.WriteStartArray("sources");
        foreach (var (index, citation) in statement.Index())
        {
            var id = citation.Document is { } document ? string.Create(CultureInfo.InvariantCulture, $"doc:{document}") : citation.Url ?? string.Create(CultureInfo.InvariantCulture, $"source:{index}");
            writer.WriteStartObject();
            writer.WriteString("type", "document");
            writer.WriteString("id", id);
            writer.WriteStartObject("document");
            writer.WriteString("id", id);
            writer.WriteOptional("title", citation.Title);
            writer.WriteOptional("url", citation.Url);
            writer.WriteOptional("text", citation.CitedText);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("type", "TEXT_CONTENT");
        if (contentIndex > 0)
        {
            writer.WriteNumber("content_index", contentIndex);
        }

        writer.WriteEndObject();
    }

    /// <summary>Citations of the same statement together, in their order.</summary>
    public static IEnumerable<IReadOnlyList<Citation>> Statements(IEnumerable<Citation> citations) => citations.GroupBy(static c => (c.Start, c.End)).Select(static g => g.ToList());

    private static Citation Read(JsonElement citation, JsonElement source)
    {
        var document = source.Member("document") ?? default;
        var id = source.StringOf("id") ?? document.StringOf("id");
        return new Citation
        {
            Start = citation.IntOf("start"),
            End = citation.IntOf("end"),
            Title = document.StringOf("title"),
            Url = document.StringOf("url"),
            CitedText = document.StringOf("snippet") ?? document.StringOf("text") ?? source.Member("tool_output")?.Compact(),
            Document = id is not null && id.StartsWith("doc:", StringComparison.Ordinal) && int.TryParse(id.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null,
            Origin = DialectId.Cohere,
            Raw = citation,
        };
    }
}
