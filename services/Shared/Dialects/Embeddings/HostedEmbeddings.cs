using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Embeddings;

/// <summary>Amazon Titan's form and watsonx.ai's.</summary>
internal static class HostedEmbeddings
{
    public static void WriteTitan(Utf8JsonWriter writer, EmbeddingRequest request)
    {
        writer.WriteStartObject();
        writer.WriteString("inputText", request.Inputs[0].PlainText);
        writer.WriteOptional("dimensions", request.Dimensions);
        writer.WriteEndObject();
    }

    public static bool TryReadTitan(JsonElement root, EmbeddingAnswer answer)
    {
        answer.Usage = root.LongOf("inputTextTokenCount") is { } tokens ? new TokenCounts { Input = tokens } : null;
        return EmbeddingVectors.TryReadAll([root.Member("embedding") ?? root.Member("embeddingsByType")?.Member("float")], answer);
    }

    public static void WriteWatsonX(Utf8JsonWriter writer, EmbeddingRequest request, string model)
    {
        writer.WriteStartObject();
        writer.WriteString("model_id", model);
        writer.WriteStartArray("inputs");
        foreach (var input in request.Inputs)
        {
            writer.WriteStringValue(input.PlainText);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static bool TryReadWatsonX(JsonElement root, EmbeddingAnswer answer)
    {
        answer.Model = root.StringOf("model_id");
        answer.Usage = root.LongOf("input_token_count") is { } tokens ? new TokenCounts { Input = tokens } : null;
        return EmbeddingVectors.TryReadAll((root.Member("results") ?? default).Items().Select(static r => r.Member("embedding")), answer);
    }
}
