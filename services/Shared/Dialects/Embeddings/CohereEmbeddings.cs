using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Embeddings;

/// <summary>Cohere's <c>/v2/embed</c>, also inside Bedrock.</summary>
internal static class CohereEmbeddings
{
    public static DialectProblem? ReadRequest(JsonElement root, EmbeddingRequest request)
    {
        foreach (var member in root.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "model":
                    break;
                case "texts":
                    request.Inputs.AddRange(value.Items().Select(static t => t.Text()).OfType<string>().Select(static t => new EmbeddingInput { Text = t }));
                    break;
                case "images":
                    request.Inputs.AddRange(value.Items().Select(static i => i.Text()).OfType<string>().Select(static i => new EmbeddingInput { Parts = [EmbeddingMedia.Read(i)] }));
                    break;
                case "inputs":
                    request.Inputs.AddRange(value.Items().Select(ReadInput));
                    break;
                case "input_type":
                    request.Task = EmbeddingTasks.Read(value.Text());
                    break;
                case "output_dimension":
                    request.Dimensions = value.Int();
                    break;
                case "embedding_types":
                    request.Types.AddRange(value.Items().Select(static t => t.Text()).OfType<string>());
                    break;
                case "truncate":
                    request.Truncate = value.Text() != "NONE";
                    break;
                default:
                    if (value.ValueKind != JsonValueKind.Null)
                    {
                        request.Extensions.Add(new RequestExtension(member.Name, value));
                    }

                    break;
            }
        }

        return null;
    }

    public static void WriteRequest(Utf8JsonWriter writer, EmbeddingRequest request, string? model)
    {
        var isText = request.Inputs.TrueForAll(static i => i.PlainText is not null);
        var isImage = request.Inputs.TrueForAll(static i => i.Parts is [MediaPart]);
        writer.WriteStartObject();
        writer.WriteOptional("model", model);
        writer.WriteStartArray(isText ? "texts" : isImage ? "images" : "inputs");
        foreach (var input in request.Inputs)
        {
            if (isText)
            {
                writer.WriteStringValue(input.PlainText);
            }
            else if (isImage)
            {
                writer.WriteStringValue(EmbeddingMedia.Address((MediaPart)input.Parts![0]));
            }
            else
            {
                WriteInput(writer, input);
            }
        }

        writer.WriteEndArray();
        writer.WriteString("input_type", isImage ? "image" : EmbeddingTasks.Cohere(request.Task));
        writer.WriteStartArray("embedding_types");
        foreach (var type in request.Types.DefaultIfEmpty("float"))
        {
            writer.WriteStringValue(type);
        }

        writer.WriteEndArray();
        writer.WriteOptional("output_dimension", request.Dimensions);
        writer.WriteOptional("truncate", request.Truncate is { } cut ? cut ? "END" : "NONE" : null);
        foreach (var extension in request.Origin == EmbeddingWire.Cohere && model is not null ? request.Extensions : [])
        {
            writer.WriteElement(extension.Name, extension.Value);
        }

        writer.WriteEndObject();
    }

    public static bool TryReadAnswer(JsonElement root, EmbeddingAnswer answer)
    {
        if (root.Member("embeddings") is not { } embeddings)
        {
            return false;
        }

        answer.Id = root.StringOf("id");
        var units = root.Member("meta")?.Member("billed_units") ?? default;
        var tokens = units.LongOf("input_tokens");
        var images = units.LongOf("image_tokens");
        answer.Usage = tokens is null && images is null ? null : new TokenCounts { Input = (tokens ?? 0) + (images ?? 0) };
        if (embeddings.ValueKind == JsonValueKind.Array)
        {
            return EmbeddingVectors.TryReadAll(embeddings.EnumerateArray().Select(static v => (JsonElement?)v), answer);
        }

        foreach (var typed in embeddings.Members())
        {
            if (typed.Name is not ("float" or "float_") && typed.Value.ValueKind == JsonValueKind.Array)
            {
                answer.Typed.Add(KeyValuePair.Create(typed.Name, typed.Value));
            }
        }

        var floats = embeddings.Member("float", "float_") ?? embeddings.Member("base64");
        return floats is { } list ? EmbeddingVectors.TryReadAll(list.Items().Select(static v => (JsonElement?)v), answer) : answer.Typed.Count > 0;
    }

    public static void WriteAnswer(Utf8JsonWriter writer, EmbeddingAnswer answer, EmbeddingRequest request, string id)
    {
        writer.WriteStartObject();
        writer.WriteString("id", answer.Id ?? id);
        writer.WriteStartObject("embeddings");
        if (answer.Vectors.Count > 0)
        {
            writer.WriteStartArray("float");
            answer.Vectors.ForEach(v => EmbeddingVectors.Write(writer, v));
            writer.WriteEndArray();
        }

        foreach (var (type, vectors) in answer.Typed)
        {
            writer.WriteElement(type, vectors);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("texts");
        foreach (var input in request.Inputs.Where(static i => i.PlainText is not null))
        {
            writer.WriteStringValue(input.PlainText);
        }

        writer.WriteEndArray();
        writer.WriteStartObject("meta");
        writer.WriteStartObject("api_version");
        writer.WriteString("version", "2");
        writer.WriteEndObject();
        if (answer.Usage is { } usage)
        {
            writer.WriteStartObject("billed_units");
            writer.WriteNumber("input_tokens", usage.Total);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteString("response_type", "embeddings_by_type");
        writer.WriteEndObject();
    }

    private static EmbeddingInput ReadInput(JsonElement input)
    {
        var parts = new List<ContentPart>();
        foreach (var item in (input.Member("content") ?? default).Items())
        {
            if (item.StringOf("text") is { } text)
            {
                parts.Add(new TextPart(text));
            }
            else if (item.Member("image_url")?.StringOf("url") is { } url)
            {
                parts.Add(EmbeddingMedia.Read(url));
            }
        }

        return new EmbeddingInput { Parts = parts };
    }

    private static void WriteInput(Utf8JsonWriter writer, EmbeddingInput input)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("content");
        foreach (var part in input.Parts ?? [new TextPart(input.Text ?? "")])
        {
            writer.WriteStartObject();
            if (part is MediaPart media)
            {
                writer.WriteString("type", "image_url");
                writer.WriteStartObject("image_url");
                writer.WriteString("url", EmbeddingMedia.Address(media));
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteString("type", "text");
                writer.WriteString("text", (part as TextPart)?.Text ?? "");
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
