using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Responses;

/// <summary>Reads requests of the Responses dialect.</summary>
internal static class ResponsesRequestReader
{
    public static DialectProblem? Read(ReadOnlyMemory<byte> body, in RequestLocation location, out ChatRequest request)
    {
        request = new ChatRequest { Origin = DialectId.OpenAIResponses };
        if (!LenientJson.TryParseObject(body.Span, out var root))
        {
            return new DialectProblem("The body must be a JSON object.", null);
        }

        if (root.StringOf("instructions") is { Length: > 0 } instructions)
        {
            request.Messages.Add(new ChatMessage(ChatRole.System) { Parts = { new TextPart(instructions) } });
        }

        if (root.TryMember("input", out var input))
        {
            if (new InputReader(request).Read(input) is { } problem)
            {
                return problem;
            }
        }
        else if (!root.TryMember("prompt", out _) && !root.TryMember("previous_response_id", out _) && !root.TryMember("conversation", out _))
        {
            return new DialectProblem("The request must have an input.", "input");
        }

        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null && ReadMember(request, root, member) is { } problem)
            {
                return problem;
            }
        }

        request.Model = location.Model ?? request.Model;
        request.Stream |= location.Stream;
        return request.Model.Length == 0 ? new DialectProblem("The request must name a model.", "model") : null;
    }

    private static DialectProblem? ReadMember(ChatRequest request, JsonElement root, JsonProperty member)
    {
        var value = member.Value;
        switch (member.Name)
        {
            case "input":
                break;
            case "instructions" when value.ValueKind == JsonValueKind.String:
                break;
            case "model":
                request.Model = root.StringOf("model") ?? "";
                break;
            case "stream":
                request.Stream = root.BoolOf("stream") ?? false;
                break;
            case "max_output_tokens":
                request.MaxOutputTokens = root.IntOf("max_output_tokens");
                break;
            case "temperature":
                request.Temperature = root.NumberOf("temperature");
                break;
            case "top_p":
                request.TopP = root.NumberOf("top_p");
                break;
            case "top_logprobs":
                request.TopLogProbabilities = root.IntOf("top_logprobs");
                break;
            case "frequency_penalty":
                request.FrequencyPenalty = root.NumberOf("frequency_penalty");
                break;
            case "presence_penalty":
                request.PresencePenalty = root.NumberOf("presence_penalty");
                break;
            case "tools":
                return ReadTools(request, value);
            case "tool_choice":
                request.ToolChoice = ToolReader.ReadChoice(value);
                return request.ToolChoice is null ? new DialectProblem("The tool choice is not understood.", "tool_choice") : null;
            case "parallel_tool_calls":
                request.ParallelToolCalls = root.BoolOf("parallel_tool_calls");
                break;
            case "text":
                return ReadText(request, value);
            case "reasoning":
                ReadReasoning(request, value);
                break;
            case "include":
                ReadInclude(request, value);
                break;
            case "metadata":
                ReadMetadata(request, value);
                break;
            case "safety_identifier" when request.EndUser is null && !root.TryMember("user", out _):
                request.EndUser = root.StringOf("safety_identifier");
                break;
            case "user":
                request.EndUser = root.StringOf("user");
                break;
            case "service_tier":
                request.ServiceTier = root.StringOf("service_tier");
                break;
            // All there is to say is whether events are padded.
            case "stream_options":
                break;
            case "store" or "background" when value.ValueKind == JsonValueKind.False:
            case "truncation" when value.ValueKind == JsonValueKind.String && value.ValueEquals("disabled"u8):
                break;
            case "previous_response_id" or "conversation" or "prompt" or "background":
                request.Extensions.Add(new RequestExtension(member.Name, value, Essential: true));
                break;
            default:
                request.Extensions.Add(new RequestExtension(member.Name, value));
                break;
        }

        return null;
    }

    private static DialectProblem? ReadTools(ChatRequest request, JsonElement tools)
    {
        if (tools.ValueKind != JsonValueKind.Array)
        {
            return new DialectProblem("The tools must be a list.", "tools");
        }

        foreach (var tool in tools.EnumerateArray())
        {
            if (ToolReader.Read(tool, request.Tools.Count, out var definition) is { } problem)
            {
                return problem;
            }

            request.Tools.Add(definition);
        }

        return null;
    }

    private static DialectProblem? ReadText(ChatRequest request, JsonElement text)
    {
        request.Verbosity = text.StringOf("verbosity");
        if (text.TryMember("format", out var format))
        {
            request.Format = TextFormat.Read(format);
            if (request.Format is null)
            {
                return new DialectProblem("The format must be of type text, json_object or json_schema.", "text.format.type");
            }
        }

        return null;
    }

    private static void ReadReasoning(ChatRequest request, JsonElement reasoning)
    {
        if (reasoning.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var effort = reasoning.StringOf("effort");
        var summary = reasoning.StringOf("summary") ?? reasoning.StringOf("generate_summary");
        if (effort is not null || summary is not null)
        {
            request.Reasoning = new ReasoningOptions
            {
                Effort = effort, Summary = summary, Enabled = effort == "none" ? false : null, IncludeText = summary is null ? null : true,
            };
        }

        foreach (var member in reasoning.EnumerateObject())
        {
            if (member.Name is not ("effort" or "summary" or "generate_summary") && member.Value.ValueKind != JsonValueKind.Null)
            {
                request.Extensions.Add(new RequestExtension("reasoning." + member.Name, member.Value));
            }
        }
    }

    private static void ReadInclude(ChatRequest request, JsonElement include)
    {
        if (include.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        var others = false;
        foreach (var entry in include.EnumerateArray())
        {
            switch (entry.ValueKind == JsonValueKind.String ? entry.GetString() : null)
            {
                case "message.output_text.logprobs":
                    request.LogProbabilities = true;
                    break;
                // Signed and encrypted reasoning is always part of a translated answer.
                case "reasoning.encrypted_content":
                    break;
                default:
                    others = true;
                    break;
            }
        }

        if (others)
        {
            request.Extensions.Add(new RequestExtension("include", include));
        }
    }

    private static void ReadMetadata(ChatRequest request, JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var member in metadata.EnumerateObject())
        {
            request.Metadata[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText();
        }
    }
}
