using System.Text.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Searches of the web that Gemini made for an answer: <c>webSearchQueries</c> of each candidate's <c>groundingMetadata</c>. Google bills each of them once, and not the empty ones that are among them.</summary>
internal static class GeminiSearches
{
    private const int Most = 1_000;

    /// <summary>Counts those of all candidates; the reader stands on the value of <c>candidates</c> and, afterwards, on its end.</summary>
    public static long Count(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return 0;
        }

        var depth = reader.CurrentDepth;
        // Metadata are members of a candidate: elsewhere the name is what somebody said.
        var at = depth + (reader.TokenType == JsonTokenType.StartArray ? 2 : 1);
        HashSet<string>? queries = null;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == at && IsGrounding(ref reader))
            {
                reader.Read();
                CountGrounding(ref reader, ref queries);
            }
        }

        return queries?.Count ?? 0;
    }

    /// <summary>True when the reader stands on the name of the metadata.</summary>
    public static bool IsGrounding(ref Utf8JsonReader reader) => reader.ValueTextEquals("groundingMetadata"u8) || reader.ValueTextEquals("grounding_metadata"u8);

    /// <summary>Adds what one candidate's metadata list; the reader stands on their value and, afterwards, on its end.</summary>
    public static void CountGrounding(ref Utf8JsonReader reader, ref HashSet<string>? queries)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isList = reader.ValueTextEquals("webSearchQueries"u8) || reader.ValueTextEquals("web_search_queries"u8);
            reader.Read();
            if (!isList || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty && (queries?.Count ?? 0) < Most)
                {
                    // The bytes as they stand: an escape that stands for no character cannot be decoded.
                    (queries ??= new(StringComparer.Ordinal)).Add(System.Text.Encoding.UTF8.GetString(reader.ValueSpan));
                }

                reader.Skip();
            }
        }
    }
}
