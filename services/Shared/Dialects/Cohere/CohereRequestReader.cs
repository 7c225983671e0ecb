using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Reads a caller's chat request.</summary>
internal static class CohereRequestReader
{
    /// <summary>See <see cref="IChatDialect.ReadRequest"/>.</summary>
    public static DialectProblem? Read(ReadOnlySpan<byte> body, in RequestLocation location, out ChatRequest request)
    {
        request = new ChatRequest { Origin = DialectId.Cohere, Stream = location.Stream };
        if (!LenientJson.TryParseObject(body, out var root))
        {
            return new DialectProblem("The body is not a JSON object.", null);
        }

        request.Model = location.Model ?? root.StringOf("model") ?? "";
        JsonElement? messages = null;
        JsonElement? documents = null;
        JsonElement? tools = null;
        var strict = root.BoolOf("strict_tools");
        foreach (var member in root.EnumerateObject())
        {
            var value = member.Value;
            if (value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            switch (member.Name)
            {
                case "messages":
                    messages = value;
                    break;
                case "documents":
                    documents = value;
                    break;
                case "tools":
                    tools = value;
                    break;
                case "model" or "strict_tools":
                    break;
                case "stream":
                    request.Stream = value.Flag() ?? request.Stream;
                    break;
                case "max_tokens":
                    request.MaxOutputTokens = value.Int();
                    break;
                case "temperature":
                    request.Temperature = value.Number();
                    break;
                case "p":
                    request.TopP = value.Number();
                    break;
                case "k":
                    request.TopK = value.Int();
                    break;
                case "seed":
                    request.Seed = value.Whole();
                    break;
                case "frequency_penalty":
                    request.FrequencyPenalty = value.Number();
                    break;
                case "presence_penalty":
                    request.PresencePenalty = value.Number();
                    break;
                case "stop_sequences":
                    request.Stop.AddRange(value.Items().Select(static s => s.Text()).OfType<string>());
                    break;
                case "logprobs":
                    request.LogProbabilities = value.Flag();
                    break;
                case "response_format":
                    request.Format = ReadFormat(value);
                    break;
                case "thinking":
                    request.Reasoning = new ReasoningOptions { Enabled = value.StringOf("type") != "disabled", BudgetTokens = value.IntOf("token_budget"), IncludeText = true };
                    break;
                case "tool_choice":
                    request.ToolChoice = value.Text()?.ToUpperInvariant() switch
                    {
                        "REQUIRED" => new ToolChoice { Mode = ToolChoiceMode.Required },
                        "NONE" => new ToolChoice { Mode = ToolChoiceMode.None },
                        _ => request.ToolChoice,
                    };
                    break;
                default:
                    request.Extensions.Add(new RequestExtension(member.Name, value));
                    break;
            }
        }

        return ReadTools(tools, strict, request) ?? CohereMessageReader.Read(messages, documents, request);
    }

    private static DialectProblem? ReadTools(JsonElement? tools, bool? strict, ChatRequest request)
    {
        var index = 0;
        foreach (var tool in (tools ?? default).Items())
        {
            var path = $"tools[{index++}]";
            var function = tool.Member("function") ?? default;
            if (function.StringOf("name") is not { Length: > 0 } name)
            {
                return new DialectProblem($"{path}.function.name is missing.", $"{path}.function.name");
            }

            request.Tools.Add(new ToolDefinition { Name = name, Description = function.StringOf("description"), Parameters = function.Member("parameters"), Strict = strict });
        }

        return null;
    }

    private static ResponseFormat? ReadFormat(JsonElement format) => format.StringOf("type") switch
    {
        "json_object" or "json_schema" => format.Member("json_schema", "schema") is { } schema
            ? new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Schema = schema, Name = schema.StringOf("title") }
            : new ResponseFormat { Kind = ResponseFormatKind.JsonObject },
        _ => null,
    };
}
