using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Bedrock;

/// <summary>Reads a caller's request. The address names the model and whether a stream is asked for.</summary>
internal static class BedrockRequestReader
{
    public static DialectProblem? Read(ReadOnlySpan<byte> body, in RequestLocation location, out ChatRequest request)
    {
        request = new ChatRequest { Origin = DialectId.BedrockConverse, Model = location.Model ?? "", Stream = location.Stream };
        if (!LenientJson.TryParseObject(body, out var root))
        {
            return new DialectProblem("The body is no JSON object.", null);
        }

        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                ReadMember(member.Name, member.Value, request);
            }
        }

        if (request.Model.Length == 0)
        {
            return new DialectProblem("The address names no model.", "modelId");
        }

        return root.TryArray("messages", out var messages) && messages.GetArrayLength() > 0
            ? ReadMessages(messages, request)
            : new DialectProblem("The member messages must be a list with at least one message.", "messages");
    }

    private static void ReadMember(string name, JsonElement value, ChatRequest request)
    {
        switch (name)
        {
            case "system" when value.ValueKind == JsonValueKind.Array:
                var system = new ChatMessage(ChatRole.System);
                BedrockContentReader.Read(value, system.Parts);
                if (system.Parts.Count > 0)
                {
                    request.Messages.Insert(0, system);
                }

                break;
            case "inferenceConfig":
                request.MaxOutputTokens = value.IntOf("maxTokens");
                request.Temperature = value.NumberOf("temperature");
                request.TopP = value.NumberOf("topP");
                if (value.TryArray("stopSequences", out var stops))
                {
                    request.Stop.AddRange(stops.EnumerateArray().Where(static s => s.ValueKind == JsonValueKind.String).Select(static s => s.GetString()!));
                }

                break;
            case "toolConfig":
                BedrockTools.Read(value, request);
                break;
            case "additionalModelRequestFields" when value.ValueKind == JsonValueKind.Object:
                BedrockModelFields.Read(value, request);
                break;
            case "outputConfig":
                ReadFormat(value, request);
                break;
            case "requestMetadata" when value.ValueKind == JsonValueKind.Object:
                foreach (var label in value.EnumerateObject().Where(static l => l.Value.ValueKind == JsonValueKind.String))
                {
                    request.Metadata[label.Name] = label.Value.GetString()!;
                }

                break;
            case "serviceTier":
                request.ServiceTier = value.StringOf("type");
                break;
            case "messages" or "modelId" or "additionalModelResponseFieldPaths":
                break;
            default:
                // A prompt that Amazon keeps takes its question from the variables.
                request.Extensions.Add(new RequestExtension(name, value, Essential: name == "promptVariables"));
                break;
        }
    }

    private static void ReadFormat(JsonElement value, ChatRequest request)
    {
        if (value.TryObject("textFormat", out var format) && format.TryObject("structure", out var structure) && structure.TryObject("jsonSchema", out var schema)
            && schema.StringOf("schema") is { } text && LenientJson.TryParseObject(System.Text.Encoding.UTF8.GetBytes(text), out var parsed))
        {
            request.Format = new ResponseFormat
            {
                Kind = ResponseFormatKind.JsonSchema, Name = schema.StringOf("name"), Description = schema.StringOf("description"), Schema = parsed, Strict = true,
            };
        }
    }

    private static DialectProblem? ReadMessages(JsonElement messages, ChatRequest request)
    {
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            var path = $"messages[{index++}]";
            if (!message.TryArray("content", out var content))
            {
                return new DialectProblem("A message must have content.", path + ".content");
            }

            var parts = new List<ContentPart>();
            BedrockContentReader.Read(content, parts);
            switch (message.StringOf("role"))
            {
                case "user":
                    Add(ChatRole.Tool, parts.Where(static p => p is ToolResultPart), request);
                    Add(ChatRole.User, parts.Where(static p => p is not ToolResultPart), request);
                    break;
                case "assistant":
                    Add(ChatRole.Assistant, parts, request);
                    break;
                default:
                    return new DialectProblem("A message's role must be user or assistant.", path + ".role");
            }
        }

        return null;
    }

    private static void Add(ChatRole role, IEnumerable<ContentPart> parts, ChatRequest request)
    {
        var message = new ChatMessage(role);
        message.Parts.AddRange(parts);
        if (message.Parts.Count > 0)
        {
            request.Messages.Add(message);
        }
    }
}
