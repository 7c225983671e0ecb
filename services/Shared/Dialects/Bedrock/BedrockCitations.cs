using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Reads and writes citations.</summary>
internal static class BedrockCitations
{
    public static Citation Read(JsonElement citation)
    {
        string? url = null;
        int? document = null;
        if (citation.TryObject("location", out var location))
        {
            foreach (var place in location.EnumerateObject())
            {
                url ??= place.Value.StringOf("url");
                document ??= place.Value.IntOf("documentIndex");
            }
        }

        return new Citation
        {
            Url = url ?? (citation.StringOf("source") is { } source && source.StartsWith("http", StringComparison.Ordinal) ? source : null),
            Title = citation.StringOf("title"),
            CitedText = citation.TryArray("sourceContent", out var content) ? Join(content) : null,
            Document = document,
            Origin = DialectId.BedrockConverse,
            Raw = citation,
        };
    }

    public static void Write(Utf8JsonWriter writer, Citation citation)
    {
        if (citation is { Origin: DialectId.BedrockConverse, Raw: { } raw })
        {
            raw.WriteTo(writer);
            return;
        }

        writer.WriteStartObject();
        writer.WriteOptional("title", citation.Title);
        if (citation.CitedText is not null)
        {
            writer.WriteStartArray("sourceContent"u8);
            writer.WriteStartObject();
            writer.WriteString("text"u8, citation.CitedText);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        if (citation.Url is not null)
        {
            writer.WriteStartObject("location"u8);
            writer.WriteStartObject("web"u8);
            writer.WriteString("url"u8, citation.Url);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        else if (citation.Document is { } document)
        {
            writer.WriteStartObject("location"u8);
            writer.WriteStartObject("documentChar"u8);
            writer.WriteNumber("documentIndex"u8, document);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>The texts of a list of blocks, joined.</summary>
    public static string Join(JsonElement blocks)
    {
        var text = new StringBuilder();
        if (blocks.ValueKind == JsonValueKind.Array)
        {
            foreach (var block in blocks.EnumerateArray())
            {
                text.Append(block.StringOf("text"));
            }
        }

        return text.ToString();
    }
}
