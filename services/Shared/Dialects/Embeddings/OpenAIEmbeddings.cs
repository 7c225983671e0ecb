using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Embeddings;

/// <summary>OpenAI's form, and Voyage's and Jina's, which differ in the names of a few members.</summary>
internal static class OpenAIEmbeddings
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
                case "input":
                    if (ReadInput(value, request) is { } problem)
                    {
                        return problem;
                    }

                    break;
                case "dimensions" or "output_dimension":
                    request.Dimensions = value.Int();
                    break;
                case "encoding_format":
                    request.Base64 = value.Text() == "base64";
                    break;
                case "input_type" or "task":
                    request.Task = EmbeddingTasks.Read(value.Text());
                    break;
                case "truncation":
                    request.Truncate = value.Flag();
                    break;
                case "user":
                    request.EndUser = value.Text();
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

    public static void WriteRequest(Utf8JsonWriter writer, EmbeddingWire wire, EmbeddingRequest request, string model)
    {
        writer.WriteStartObject();
        writer.WriteString("model", model);
        writer.WriteStartArray("input");
        foreach (var input in request.Inputs)
        {
            WriteInput(writer, input);
        }

        writer.WriteEndArray();
        writer.WriteOptional(wire == EmbeddingWire.Voyage ? "output_dimension" : "dimensions", request.Dimensions);
        switch (wire)
        {
            case EmbeddingWire.Voyage:
                writer.WriteOptional("input_type", EmbeddingTasks.Voyage(request.Task));
                writer.WriteOptional("truncation", request.Truncate);
                break;
            case EmbeddingWire.Jina:
                writer.WriteOptional("task", EmbeddingTasks.Jina(request.Task));
                writer.WriteOptional("truncate", request.Truncate);
                break;
            default:
                writer.WriteOptional("encoding_format", request.Base64 ? "base64" : null);
                writer.WriteOptional("user", request.EndUser);
                break;
        }

        foreach (var extension in request.Origin == wire ? request.Extensions : [])
        {
            writer.WriteElement(extension.Name, extension.Value);
        }

        writer.WriteEndObject();
    }

    public static bool TryReadAnswer(JsonElement root, EmbeddingAnswer answer)
    {
        // Ollama's own form has the vectors bare.
        var vectors = root.Member("data") is { ValueKind: JsonValueKind.Array } data
            ? data.EnumerateArray().OrderBy(static d => d.IntOf("index") ?? 0).Select(static d => d.Member("embedding"))
            : (root.Member("embeddings") ?? default).Items().Select(static v => (JsonElement?)v);
        answer.Id = root.StringOf("id");
        answer.Model = root.StringOf("model");
        var usage = root.Member("usage");
        var tokens = usage?.LongOf("prompt_tokens") ?? usage?.LongOf("total_tokens") ?? root.LongOf("prompt_eval_count");
        answer.Usage = tokens is { } count ? new TokenCounts { Input = Math.Max(count, 0) } : null;
        return EmbeddingVectors.TryReadAll(vectors, answer);
    }

    public static void WriteAnswer(Utf8JsonWriter writer, EmbeddingAnswer answer, EmbeddingRequest request)
    {
        writer.WriteStartObject();
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        foreach (var (index, vector) in answer.Vectors.Index())
        {
            writer.WriteStartObject();
            writer.WriteString("object", "embedding");
            writer.WriteNumber("index", index);
            writer.WritePropertyName("embedding");
            if (request.Base64)
            {
                EmbeddingVectors.WriteBase64(writer, vector);
            }
            else
            {
                EmbeddingVectors.Write(writer, vector);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("model", request.Model);
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", answer.Usage?.Total ?? 0);
        writer.WriteNumber("total_tokens", answer.Usage?.Total ?? 0);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static DialectProblem? ReadInput(JsonElement input, EmbeddingRequest request)
    {
        if (input.Text() is { } text)
        {
            request.Inputs.Add(new EmbeddingInput { Text = text });
            return null;
        }

        if (input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind == JsonValueKind.Number)
        {
            request.Inputs.Add(new EmbeddingInput { Tokens = input });
            return null;
        }

        var index = 0;
        foreach (var item in input.ItemsOrSelf())
        {
            if (ReadItem(item) is not { } read)
            {
                return new DialectProblem($"input[{index}] must be a text or an array of tokens.", $"input[{index}]");
            }

            request.Inputs.Add(read);
            index++;
        }

        return null;
    }

    private static EmbeddingInput? ReadItem(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.String => new EmbeddingInput { Text = item.GetString() },
        JsonValueKind.Array => new EmbeddingInput { Tokens = item },
        // Jina's form for one text or picture.
        JsonValueKind.Object when item.StringOf("text") is { } text => new EmbeddingInput { Text = text },
        JsonValueKind.Object when item.StringOf("image") is { } image => new EmbeddingInput { Parts = [EmbeddingMedia.Read(image)] },
        _ => null,
    };

    private static void WriteInput(Utf8JsonWriter writer, EmbeddingInput input)
    {
        if (input.Tokens is { } tokens)
        {
            tokens.WriteTo(writer);
        }
        else if (input.PlainText is { } text)
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteStartObject();
            writer.WriteString("image", input.Parts?.OfType<MediaPart>().Select(EmbeddingMedia.Address).FirstOrDefault() ?? "");
            writer.WriteEndObject();
        }
    }
}
