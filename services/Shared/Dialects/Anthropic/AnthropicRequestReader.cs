using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Reads a caller's request.</summary>
internal static class AnthropicRequestReader
{
    public static DialectProblem? Read(ReadOnlySpan<byte> body, in RequestLocation location, out ChatRequest request)
    {
        request = new ChatRequest { Origin = DialectId.Anthropic, Model = location.Model ?? "", Stream = location.Stream };
        if (!LenientJson.TryParseObject(body, out var root))
        {
            return new DialectProblem("The body is no JSON object.", null);
        }

        DialectProblem? problem = null;
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                problem ??= ReadMember(member.Name, member.Value, request);
            }
        }

        if (problem is not null)
        {
            return problem;
        }

        if (request.Model.Length == 0)
        {
            return new DialectProblem("The member model is missing.", "model");
        }

        return root.TryArray("messages", out var messages) && messages.GetArrayLength() > 0
            ? ReadMessages(messages, request)
            : new DialectProblem("The member messages must be a list with at least one message.", "messages");
    }

    private static DialectProblem? ReadMember(string name, JsonElement value, ChatRequest request)
    {
        switch (name)
        {
            case "model" when value.ValueKind == JsonValueKind.String:
                request.Model = request.Model.Length > 0 ? request.Model : value.GetString()!;
                break;
            case "stream":
                request.Stream |= value.ValueKind == JsonValueKind.True;
                break;
            case "system":
                return ReadSystem(value, request);
            case "max_tokens" when Number(value) is { } most:
                request.MaxOutputTokens = (int)Math.Clamp(most, 1, int.MaxValue);
                break;
            case "temperature":
                request.Temperature = Number(value);
                break;
            case "top_p":
                request.TopP = Number(value);
                break;
            case "top_k":
                request.TopK = Number(value) is { } k ? (int)Math.Clamp(k, 0, int.MaxValue) : null;
                break;
            case "stop_sequences" when value.ValueKind == JsonValueKind.Array:
                request.Stop.AddRange(value.EnumerateArray().Where(static s => s.ValueKind == JsonValueKind.String).Select(static s => s.GetString()!));
                break;
            case "tools" when value.ValueKind == JsonValueKind.Array:
                AnthropicTools.Read(value, request.Tools);
                break;
            case "tool_choice":
                AnthropicTools.ReadChoice(value, request);
                break;
            case "thinking" or "output_config":
                ReadReasoning(name, value, request);
                break;
            case "output_format":
                ReadFormat(value, request);
                break;
            case "metadata" when value.ValueKind == JsonValueKind.Object:
                ReadMetadata(value, request);
                break;
            case "service_tier":
                request.ServiceTier = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
                break;
            case "messages" or "anthropic_version":
                break;
            default:
                // A container holds files and state of earlier turns.
                request.Extensions.Add(new RequestExtension(name, value, Essential: name == "container"));
                break;
        }

        return null;
    }

    private static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    private static DialectProblem? ReadSystem(JsonElement value, ChatRequest request)
    {
        var message = new ChatMessage(ChatRole.System);
        if (AnthropicContentReader.Read(value, message.Parts) is { } problem)
        {
            return problem with { Param = "system" + problem.Param };
        }

        if (message.Parts.Count > 0)
        {
            request.Messages.Insert(0, message);
        }

        return null;
    }

    private static void ReadReasoning(string name, JsonElement value, ChatRequest request)
    {
        var before = request.Reasoning ?? new ReasoningOptions();
        if (name == "thinking")
        {
            var type = value.StringOf("type");
            var display = value.StringOf("display");
            request.Reasoning = new ReasoningOptions
            {
                Enabled = type switch { "disabled" => false, null => null, _ => true },
                BudgetTokens = value.IntOf("budget_tokens") ?? (type == "adaptive" ? -1 : null),
                Effort = before.Effort,
                IncludeText = type is null or "disabled" ? null : display != "omitted",
            };
            return;
        }

        if (value.StringOf("effort") is { } effort)
        {
            request.Reasoning = new ReasoningOptions
            {
                Enabled = before.Enabled, BudgetTokens = before.BudgetTokens, IncludeText = before.IncludeText, Effort = effort == "max" ? "xhigh" : effort,
            };
        }

        if (value.TryObject("format", out var format))
        {
            ReadFormat(format, request);
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject().Where(static m => m.Name is not ("effort" or "format")))
            {
                request.Extensions.Add(new RequestExtension("output_config." + member.Name, member.Value));
            }
        }
    }

    private static void ReadFormat(JsonElement format, ChatRequest request)
    {
        if (format.StringOf("type") == "json_schema" && format.TryObject("schema", out var schema))
        {
            request.Format = new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Name = schema.StringOf("title"), Schema = schema, Strict = true };
        }
    }

    private static void ReadMetadata(JsonElement metadata, ChatRequest request)
    {
        foreach (var member in metadata.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String)
            {
                continue;
            }

            if (member.NameEquals("user_id"u8))
            {
                request.EndUser = member.Value.GetString();
            }
            else
            {
                request.Metadata[member.Name] = member.Value.GetString()!;
            }
        }
    }

    private static DialectProblem? ReadMessages(JsonElement messages, ChatRequest request)
    {
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            var path = $"messages[{index}]";
            if (!message.TryMember("content", out var content))
            {
                return new DialectProblem("A message must have content.", path + ".content");
            }

            var parts = new List<ContentPart>();
            if (AnthropicContentReader.Read(content, parts) is { } problem)
            {
                return problem with { Param = path + ".content" + problem.Param };
            }

            switch (message.StringOf("role"))
            {
                case "user":
                    Add(ChatRole.Tool, parts.Where(static p => p is ToolResultPart), request);
                    Add(ChatRole.User, parts.Where(static p => p is not ToolResultPart), request);
                    break;
                case "assistant":
                    Add(ChatRole.Assistant, parts, request);
                    break;
                case "system":
                    Add(ChatRole.System, parts, request);
                    break;
                default:
                    return new DialectProblem("A message's role must be user, assistant or system.", path + ".role");
            }

            index++;
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
