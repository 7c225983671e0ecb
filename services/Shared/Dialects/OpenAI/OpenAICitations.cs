using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Sources: OpenAI's <c>annotations</c>, and the lists that Perplexity and others put beside the choices.</summary>
internal static class OpenAICitations
{
    /// <summary>Reads <c>annotations</c> of a message or delta.</summary>
    public static IEnumerable<Citation> ReadAnnotations(JsonElement message)
    {
        if (!message.TryArray("annotations", out var list))
        {
            yield break;
        }

        foreach (var entry in list.EnumerateArray())
        {
            if (entry.TryObject("url_citation", out var citation))
            {
                yield return new Citation
                {
                    Url = citation.StringOf("url"), Title = citation.StringOf("title"), CitedText = citation.StringOf("content"),
                    Start = citation.IntOf("start_index"), End = citation.IntOf("end_index"), Origin = DialectId.OpenAIChat, Raw = entry,
                };
            }
        }
    }

    /// <summary>Reads <c>search_results</c>, or else <c>citations</c>, of an answer or chunk.</summary>
    public static IEnumerable<Citation> ReadSources(JsonElement answer)
    {
        if (answer.TryArray("search_results", out var results))
        {
            foreach (var result in results.EnumerateArray())
            {
                if (result.StringOf("url") is { } url)
                {
                    yield return new Citation { Url = url, Title = result.StringOf("title"), Origin = DialectId.OpenAIChat };
                }
            }
        }
        else if (answer.TryArray("citations", out var citations))
        {
            foreach (var citation in citations.EnumerateArray())
            {
                var url = citation.ValueKind == JsonValueKind.String ? citation.GetString() : citation.StringOf("url");
                if (url is not null)
                {
                    yield return new Citation { Url = url, Title = citation.StringOf("title"), Origin = DialectId.OpenAIChat };
                }
            }
        }
    }

    /// <summary>True when the dialect has a place for it: it knows web addresses only.</summary>
    public static bool CanWrite(Citation citation) => citation.Url is not null;

    /// <summary>Writes one entry of <c>annotations</c>.</summary>
    /// <param name="writer">Stands in the list.</param>
    /// <param name="citation">The source.</param>
    /// <param name="textStart">Where its text part begins in the whole content.</param>
    /// <param name="textEnd">Where it ends.</param>
    public static void Write(Utf8JsonWriter writer, Citation citation, int textStart, int textEnd)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "url_citation"u8);
        writer.WriteStartObject("url_citation"u8);
        writer.WriteNumber("start_index"u8, textStart + (citation.End is null ? 0 : citation.Start ?? 0));
        writer.WriteNumber("end_index"u8, citation.End is { } end ? textStart + end : textEnd);
        writer.WriteString("url"u8, citation.Url);
        writer.WriteString("title"u8, citation.Title ?? citation.Url);
        writer.WriteOptional("content", citation.CitedText);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
