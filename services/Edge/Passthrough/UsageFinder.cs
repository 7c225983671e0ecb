using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Dialects;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Cohere;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Responses;

namespace Gateway.Edge.Passthrough;

/// <summary>Finds the usage in an answer, or an event of one, whose dialect is not known: the names of its members tell.</summary>
internal static class UsageFinder
{
    private static readonly JsonDocumentOptions _options = new() { MaxDepth = 512 };

    /// <summary>Reads a payload.</summary>
    /// <param name="payload">A JSON document; anything else has no usage.</param>
    /// <param name="counts">The largest count of each class, where several parts report.</param>
    /// <param name="model">The model that answered, or null.</param>
    public static bool TryRead(ReadOnlyMemory<byte> payload, out TokenCounts counts, out string? model)
    {
        counts = default;
        model = null;
        try
        {
            using var document = JsonDocument.Parse(payload, _options);
            return Read(document.RootElement, ref counts, ref model);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Read(JsonElement element, ref TokenCounts counts, ref string? model)
    {
        var found = false;
        if (element.ValueKind == JsonValueKind.Array)
        {
            // Gemini's streams are one array unless events are asked for.
            foreach (var item in element.EnumerateArray())
            {
                found |= item.ValueKind == JsonValueKind.Object && Read(item, ref counts, ref model);
            }

            return found;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        model ??= Text(element, "model"u8) ?? Text(element, "modelVersion"u8);
        if (ReadOwn(element, out var own))
        {
            counts = counts.Larger(own);
            found = true;
        }

        // Where events carry the answer, the beginning of the answer, or Groq's own report.
        foreach (var holder in (ReadOnlySpan<string>)["response", "message", "delta", "x_groq"])
        {
            if (element.TryGetProperty(holder, out var inner) && inner.ValueKind == JsonValueKind.Object)
            {
                model ??= Text(inner, "model"u8);
                if (ReadOwn(inner, out own))
                {
                    counts = counts.Larger(own);
                    found = true;
                }
            }
        }

        return found;
    }

    private static bool ReadOwn(JsonElement element, out TokenCounts counts)
    {
        counts = default;
        var raw = JsonMarshal.GetRawUtf8Value(element);
        if (Has(element, "usageMetadata") || Has(element, "usage_metadata"))
        {
            return GeminiUsage.ReadAnswer(raw, out counts) == AnswerUsage.Found;
        }

        if (!element.TryGetProperty("usage"u8, out var usage) || usage.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var read = Has(usage, "prompt_tokens") || Has(usage, "completion_tokens") ? UsageReader.ReadAnswer(raw, out counts)
            : Has(usage, "inputTokens") || Has(usage, "outputTokens") ? BedrockUsage.ReadAnswer(raw, out counts)
            : Has(usage, "tokens") || Has(usage, "billed_units") ? CohereUsage.ReadAnswer(raw, out counts)
            : Has(usage, "total_tokens") || Has(usage, "input_tokens_details") ? ResponsesUsage.ReadAnswer(raw, out counts)
            : Has(usage, "input_tokens") || Has(usage, "output_tokens") ? AnthropicUsage.ReadAnswer(raw, out counts)
            : AnswerUsage.Absent;
        return read == AnswerUsage.Found;
    }

    private static bool Has(JsonElement element, string name) => element.TryGetProperty(name, out _);

    private static string? Text(JsonElement element, ReadOnlySpan<byte> name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
