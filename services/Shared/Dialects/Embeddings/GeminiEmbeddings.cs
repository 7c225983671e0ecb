using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Embeddings;

/// <summary>Gemini's <c>embedContent</c> and <c>batchEmbedContents</c>, and Vertex AI's <c>predict</c>.</summary>
internal static class GeminiEmbeddings
{
    public static DialectProblem? ReadRequest(JsonElement root, EmbeddingRequest request)
    {
        if (root.CamelMember("requests") is not { } requests)
        {
            return ReadOne(root, request, "content");
        }

        var index = 0;
        foreach (var one in requests.Items())
        {
            if (ReadOne(one, request, $"requests[{index++}].content") is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    public static void WriteRequest(Utf8JsonWriter writer, EmbeddingRequest request, string model, bool single)
    {
        writer.WriteStartObject();
        if (single)
        {
            WriteOne(writer, request, request.Inputs[0]);
        }
        else
        {
            writer.WriteStartArray("requests");
            foreach (var input in request.Inputs)
            {
                writer.WriteStartObject();
                writer.WriteString("model", "models/" + GeminiNames.Model(model));
                WriteOne(writer, request, input);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    public static void WritePredict(Utf8JsonWriter writer, EmbeddingRequest request)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("instances");
        foreach (var input in request.Inputs)
        {
            writer.WriteStartObject();
            writer.WriteString("content", input.PlainText);
            writer.WriteOptional("task_type", EmbeddingTasks.Gemini(request.Task));
            writer.WriteOptional("title", request.Title);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (request.Dimensions is not null || request.Truncate is not null)
        {
            writer.WriteStartObject("parameters");
            writer.WriteOptional("outputDimensionality", request.Dimensions);
            writer.WriteOptional("autoTruncate", request.Truncate);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    public static bool TryReadAnswer(JsonElement root, EmbeddingAnswer answer)
    {
        answer.Usage = root.CamelMember("usageMetadata")?.CamelMember("promptTokenCount")?.Whole() is { } tokens ? new TokenCounts { Input = tokens } : null;
        return EmbeddingVectors.TryReadAll(
            root.Member("embedding") is { } one ? [one.Member("values")] : (root.Member("embeddings") ?? default).Items().Select(static e => e.Member("values")), answer);
    }

    public static bool TryReadPredictions(JsonElement root, EmbeddingAnswer answer)
    {
        var predictions = (root.Member("predictions") ?? default).Items().ToList();
        var tokens = predictions.Select(static p => p.Member("embeddings")?.Member("statistics")?.CamelMember("tokenCount")?.Whole()).ToList();
        answer.Usage = tokens.Exists(static t => t is not null) ? new TokenCounts { Input = tokens.Sum() ?? 0 } : null;
        return EmbeddingVectors.TryReadAll(predictions.Select(static p => p.Member("embeddings")?.Member("values")), answer);
    }

    public static void WriteAnswer(Utf8JsonWriter writer, EmbeddingAnswer answer, bool single)
    {
        writer.WriteStartObject();
        if (single)
        {
            writer.WriteStartObject("embedding");
            writer.WritePropertyName("values");
            EmbeddingVectors.Write(writer, answer.Vectors.Count > 0 ? answer.Vectors[0] : []);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray("embeddings");
            foreach (var vector in answer.Vectors)
            {
                writer.WriteStartObject();
                writer.WritePropertyName("values");
                EmbeddingVectors.Write(writer, vector);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (answer.Usage is { } usage)
        {
            writer.WriteStartObject("usageMetadata");
            writer.WriteNumber("promptTokenCount", usage.Total);
            writer.WriteNumber("totalTokenCount", usage.Total);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static DialectProblem? ReadOne(JsonElement one, EmbeddingRequest request, string path)
    {
        if (one.Member("content") is not { } content)
        {
            return new DialectProblem($"{path} is missing.", path);
        }

        var parts = new List<ContentPart>();
        if (content.Text() is { } text)
        {
            parts.Add(new TextPart(text));
        }

        foreach (var raw in content.Member("parts")?.ItemsOrSelf() ?? [])
        {
            var part = GeminiPart.Read(raw);
            if (part.Media() is { } media)
            {
                parts.Add(media);
            }
            else if (part.Text is { } words)
            {
                parts.Add(new TextPart(words));
            }
        }

        if (parts.Count == 0)
        {
            return new DialectProblem($"{path}.parts is empty.", path);
        }

        request.Inputs.Add(parts is [TextPart only] ? new EmbeddingInput { Text = only.Text } : new EmbeddingInput { Parts = parts });
        request.Task ??= EmbeddingTasks.Read(one.CamelMember("taskType")?.Text());
        request.Title ??= one.StringOf("title");
        request.Dimensions ??= one.CamelMember("outputDimensionality")?.Int();
        return null;
    }

    private static void WriteOne(Utf8JsonWriter writer, EmbeddingRequest request, EmbeddingInput input)
    {
        writer.WriteStartObject("content");
        writer.WriteStartArray("parts");
        foreach (var part in input.Parts ?? [new TextPart(input.Text ?? "")])
        {
            if (part is MediaPart media)
            {
                GeminiAnswerWriter.WriteMedia(writer, media.Kind, media.MediaType, media.Data, media.Url);
            }
            else if (part is TextPart text)
            {
                GeminiAnswerWriter.WriteText(writer, text.Text, thought: false);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteOptional("taskType", EmbeddingTasks.Gemini(request.Task));
        // A title is taken for documents only.
        writer.WriteOptional("title", request.Task == EmbeddingTask.Document ? request.Title : null);
        writer.WriteOptional("outputDimensionality", request.Dimensions);
    }
}
