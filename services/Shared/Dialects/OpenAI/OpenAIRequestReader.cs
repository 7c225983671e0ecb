using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Reads chat completion requests. Liberal in form, but a member of the wrong type is told to the caller rather than guessed at.</summary>
internal static class OpenAIRequestReader
{
    public static DialectProblem? Read(ReadOnlySpan<byte> body, in RequestLocation location, out ChatRequest request)
    {
        request = new ChatRequest { Origin = DialectId.OpenAIChat };
        if (!LenientJson.TryParseObject(body, out var json))
        {
            return new DialectProblem("The body is not a JSON object, or nested too deeply.", null);
        }

        var members = new RequestMembers();
        ReadParameters(json, request, members);
        request.Model = location.Model ?? request.Model;
        request.Stream |= location.Stream;
        if (members.Problem is not null)
        {
            return members.Problem;
        }

        if (!json.TryArray("messages", out var messages))
        {
            return new DialectProblem("'messages' is required and must be an array.", "messages");
        }

        if (OpenAIToolReader.Read(json, request) is { } toolProblem)
        {
            return toolProblem;
        }

        return new OpenAIMessageReader(request).Read(messages);
    }

    /// <summary>Reads what chat completions and the older completions have in common.</summary>
    public static void ReadParameters(JsonElement json, ChatRequest request, RequestMembers members)
    {
        long? maxTokens = null, maxCompletionTokens = null;
        ReasoningDraft reasoning = default;
        foreach (var member in json.EnumerateObject())
        {
            var value = member.Value;
            if (value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            switch (member.Name)
            {
                case "model": request.Model = members.Text(member) ?? ""; break;
                case "messages" or "prompt" or "tools" or "tool_choice" or "functions" or "function_call": break;
                case "stream": request.Stream = members.Bool(member) ?? false; break;
                case "stream_options": request.IncludeUsage = value.BoolOf("include_usage") ?? false; break;
                case "parallel_tool_calls": request.ParallelToolCalls = members.Bool(member); break;
                case "max_tokens": maxTokens = members.Whole(member); break;
                case "max_completion_tokens": maxCompletionTokens = members.Whole(member); break;
                case "temperature": request.Temperature = members.Number(member); break;
                case "top_p": request.TopP = members.Number(member); break;
                case "top_k": request.TopK = members.Int(member); break;
                case "min_p": request.MinP = members.Number(member); break;
                case "frequency_penalty": request.FrequencyPenalty = members.Number(member); break;
                case "presence_penalty": request.PresencePenalty = members.Number(member); break;
                case "seed" or "random_seed": request.Seed = members.Whole(member); break;
                case "n": request.Choices = members.Int(member); break;
                case "stop": members.Texts(member, request.Stop); break;
                case "logprobs" when value.ValueKind is JsonValueKind.True or JsonValueKind.False: request.LogProbabilities = value.GetBoolean(); break;
                case "top_logprobs": request.TopLogProbabilities = members.Int(member); break;
                case "response_format": request.Format = ReadFormat(value, members); break;
                case "reasoning_effort": reasoning.Effort = members.Text(member); break;
                case "reasoning" or "thinking": reasoning.Read(member); break;
                case "verbosity": request.Verbosity = members.Text(member); break;
                case "user": request.EndUser = members.Text(member); break;
                case "safety_identifier" when request.EndUser is null && !json.TryMember("user", out _): request.EndUser = members.Text(member); break;
                case "metadata": ReadMetadata(value, request); break;
                case "service_tier": request.ServiceTier = members.Text(member); break;
                case "modalities": members.Texts(member, request.Modalities); break;
                case "store" or "echo" when value.ValueKind == JsonValueKind.False: break;
                default: request.Extensions.Add(new RequestExtension(member.Name, value)); break;
            }
        }

        request.MaxOutputTokens = (maxCompletionTokens ?? maxTokens) is { } cap ? (int)Math.Clamp(cap, 0, int.MaxValue) : null;
        request.Reasoning = reasoning.Build();
    }

    private static void ReadMetadata(JsonElement value, ChatRequest request)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var label in value.EnumerateObject())
            {
                request.Metadata[label.Name] = label.Value.ValueKind == JsonValueKind.String ? label.Value.GetString()! : label.Value.GetRawText();
            }
        }
    }

    private static ResponseFormat? ReadFormat(JsonElement value, RequestMembers members)
    {
        switch (value.StringOf("type"))
        {
            case "text":
                return new ResponseFormat { Kind = ResponseFormatKind.Text };
            case "json_object":
                // Together, Fireworks and llama.cpp take a schema here.
                return value.TryObject("schema", out var loose)
                    ? new ResponseFormat { Kind = ResponseFormatKind.JsonSchema, Schema = loose }
                    : new ResponseFormat { Kind = ResponseFormatKind.JsonObject };
            case "json_schema" when value.TryObject("json_schema", out var holder):
                return new ResponseFormat
                {
                    Kind = ResponseFormatKind.JsonSchema, Name = holder.StringOf("name"), Description = holder.StringOf("description"),
                    Schema = holder.TryMember("schema", out var schema) ? schema : null, Strict = holder.BoolOf("strict"),
                };
            default:
                members.Fail("response_format.type", "must be one of 'text', 'json_object' and 'json_schema'; 'json_schema' needs the member of the same name");
                return null;
        }
    }

    /// <summary>How the request asks for reasoning, from the members that say it.</summary>
    private struct ReasoningDraft
    {
        private bool? _enabled;
        private int? _budget;
        private bool? _includeText;
        private string? _summary;

        public string? Effort { get; set; }

        /// <summary>Reads OpenRouter's <c>reasoning</c> or the <c>thinking</c> of Anthropic, DeepSeek and Z.AI.</summary>
        public void Read(JsonProperty member)
        {
            var value = member.Value;
            Effort ??= value.StringOf("effort");
            _budget = value.IntOf("max_tokens") ?? value.IntOf("budget_tokens") ?? _budget;
            _summary = value.StringOf("summary") ?? _summary;
            _includeText = value.BoolOf("exclude") is { } exclude ? !exclude : _includeText;
            _enabled = value.BoolOf("enabled") ?? value.StringOf("type") switch
            {
                "enabled" or "adaptive" or "auto" => true,
                "disabled" => false,
                _ => _enabled,
            };
        }

        public readonly ReasoningOptions? Build() => (Effort, _enabled, _budget, _includeText, _summary) is (null, null, null, null, null) ? null : new ReasoningOptions
        {
            Effort = Effort, Enabled = _enabled ?? (Effort == "none" ? false : null), BudgetTokens = _budget, IncludeText = _includeText, Summary = _summary,
        };
    }
}
