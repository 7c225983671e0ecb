using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Caching;

/// <summary>Marks the prompt in the usage of a whole answer as read from a cache, in the field that the answer's dialect has for it. All other bytes stay as they are.</summary>
internal static class UsageMarker
{
    /// <summary>The answer with its usage marked; the answer itself where it has none, or its dialect no such field.</summary>
    public static ReadOnlyMemory<byte> Mark(DialectId dialect, ReadOnlyMemory<byte> answer)
    {
        try
        {
            if (Find(answer.Span, dialect == DialectId.Gemini ? "usageMetadata"u8 : "usage"u8) is not var (start, length) || JsonNode.Parse(answer.Span.Slice(start, length)) is not JsonObject usage)
            {
                return answer;
            }

            Mark(dialect, usage);
            var marked = JsonSerializer.SerializeToUtf8Bytes(usage, CacheJson.Default.JsonObject);
            var whole = new byte[answer.Length - length + marked.Length];
            answer.Span[..start].CopyTo(whole);
            marked.CopyTo(whole, start);
            answer.Span[(start + length)..].CopyTo(whole.AsSpan(start + marked.Length));
            return whole;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // A usage of another form says what it says.
            return answer;
        }
    }

    private static void Mark(DialectId dialect, JsonObject usage)
    {
        switch (dialect)
        {
            case DialectId.OpenAIChat or DialectId.OpenAICompletions:
                Within(usage, "prompt_tokens_details", "cached_tokens", Number(usage, "prompt_tokens"));
                break;
            case DialectId.OpenAIResponses:
                Within(usage, "input_tokens_details", "cached_tokens", Number(usage, "input_tokens"));
                break;
            case DialectId.Anthropic:
                Move(usage, "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens");
                if (usage["cache_creation"] is JsonObject written)
                {
                    foreach (var name in written.Select(static m => m.Key).ToList())
                    {
                        written[name] = 0;
                    }
                }

                break;
            case DialectId.BedrockConverse:
                Move(usage, "inputTokens", "cacheWriteInputTokens", "cacheReadInputTokens");
                break;
            case DialectId.Gemini:
                Set(usage, "cachedContentTokenCount", Number(usage, "promptTokenCount"));
                break;
            case DialectId.Cohere:
                Set(usage, "cached_tokens", usage["tokens"] is JsonObject tokens ? Number(tokens, "input_tokens") : null);
                break;
        }
    }

    private static void Within(JsonObject usage, string section, string name, long? value)
    {
        if (value is null)
        {
            return;
        }

        if (usage[section] is not JsonObject details)
        {
            usage[section] = details = [];
        }

        details[name] = value;
    }

    // In these dialects the classes of input are disjoint.
    private static void Move(JsonObject usage, string input, string written, string read)
    {
        if (Number(usage, input) is not { } fresh)
        {
            return;
        }

        usage[read] = fresh + (Number(usage, written) ?? 0) + (Number(usage, read) ?? 0);
        usage[input] = 0;
        if (usage.ContainsKey(written))
        {
            usage[written] = 0;
        }
    }

    private static void Set(JsonObject usage, string name, long? value)
    {
        if (value is { } known)
        {
            usage[name] = known;
        }
    }

    private static long? Number(JsonObject section, string name) => section[name] is JsonValue value && value.TryGetValue(out double number) ? (long)number : null;

    private static (int Start, int Length)? Find(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(answer, new JsonReaderOptions { MaxDepth = 1_024 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            if (found && isObject)
            {
                return (start, (int)reader.BytesConsumed - start);
            }
        }

        return null;
    }
}
