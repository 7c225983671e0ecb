using System.Diagnostics;
using System.Text.Json;

namespace Gateway.Edge.Telemetry;

/// <summary>The numbers that a request sets, read from its body for a span. Only members at the top or in the sub-objects where dialects keep them; never a text.</summary>
internal static class RequestNumbers
{
    private const int MostDepth = 3;

    /// <summary>Writes what the body sets.</summary>
    public static void Write(Activity call, ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 512, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth >= MostDepth)
                {
                    continue;
                }

                if (AttributeOf(ref reader) is not { } attribute)
                {
                    var isSettings = reader.CurrentDepth == 1
                        && (reader.ValueTextEquals("generationConfig"u8) || reader.ValueTextEquals("inferenceConfig"u8) || reader.ValueTextEquals("response_format"u8));
                    reader.Read();
                    if (!isSettings)
                    {
                        reader.Skip();
                    }

                    continue;
                }

                reader.Read();
                if (attribute == "gen_ai.output.type")
                {
                    WriteOutput(call, ref reader);
                }
                else if (reader.TokenType == JsonTokenType.Number)
                {
                    // By convention a seed is whole, and all else is not.
                    object? value = attribute != "gen_ai.request.seed" ? reader.GetDouble() : reader.TryGetInt64(out var whole) ? whole : null;
                    call.SetTag(attribute, value);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (JsonException)
        {
            // What cannot be read is not told; the provider says what is wrong with it.
        }
    }

    private static string? AttributeOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("temperature"u8) ? "gen_ai.request.temperature"
        : reader.ValueTextEquals("top_p"u8) || reader.ValueTextEquals("topP"u8) || reader.ValueTextEquals("p"u8) ? "gen_ai.request.top_p"
        : reader.ValueTextEquals("top_k"u8) || reader.ValueTextEquals("topK"u8) || reader.ValueTextEquals("k"u8) ? "gen_ai.request.top_k"
        : reader.ValueTextEquals("frequency_penalty"u8) || reader.ValueTextEquals("frequencyPenalty"u8) ? "gen_ai.request.frequency_penalty"
        : reader.ValueTextEquals("presence_penalty"u8) || reader.ValueTextEquals("presencePenalty"u8) ? "gen_ai.request.presence_penalty"
        : reader.ValueTextEquals("seed"u8) ? "gen_ai.request.seed"
        : reader.CurrentDepth == 2 && reader.ValueTextEquals("type"u8) ? "gen_ai.output.type"
        : null;

    private static void WriteOutput(Activity call, ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            call.SetTag("gen_ai.output.type", reader.ValueTextEquals("json_object"u8) || reader.ValueTextEquals("json_schema"u8) ? "json" : "text");
        }
        else
        {
            reader.Skip();
        }
    }
}
