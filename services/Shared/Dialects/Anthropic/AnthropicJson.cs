using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Small things that several readers and writers of this dialect share.</summary>
internal static class AnthropicJson
{
    /// <summary>
    /// Name of the tool that models without structured output are made to call instead. Answers show it again, so that readers can turn the call back into text
    /// without knowing the request.
    /// </summary>
    public const string StructuredTool = "gateway_structured_output";

    public static void ReadUsage(ref UsageTally tally, JsonElement owner)
    {
        if (owner.TryObject("usage", out var usage))
        {
            var reader = new Utf8JsonReader(JsonOutput.Raw(usage));
            reader.Read();
            tally.Read(ref reader);
        }
    }

    public static void WriteCache(Utf8JsonWriter writer, CacheMarker? cache)
    {
        if (cache is not null)
        {
            writer.WriteStartObject("cache_control"u8);
            writer.WriteString("type"u8, "ephemeral"u8);
            if (cache.Ttl is not null)
            {
                writer.WriteString("ttl"u8, cache.Ttl);
            }

            writer.WriteEndObject();
        }
    }

    public static CacheMarker? ReadCache(JsonElement owner) =>
        owner.TryObject("cache_control", out var cache) ? new CacheMarker(cache.StringOf("ttl")) : null;
}
