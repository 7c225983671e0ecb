using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native.Cohere;

/// <summary>Cohere chat, version 2.</summary>
internal sealed class CohereNative : INativeDialect
{
    private static readonly HashSet<string> _fields = new(
        [
            "model", "messages", "stream", "tools", "tool_choice", "strict_tools", "documents", "citation_options", "response_format", "safety_mode", "max_tokens", "stop_sequences",
            "temperature", "seed", "frequency_penalty", "presence_penalty", "k", "p", "logprobs", "thinking", "priority", "raw_prompting",
        ], StringComparer.Ordinal);

    public string Done => "data: [DONE]\n\n";

    public Framing FramingOf(HttpRequest request) => Framing.NamedSse;

    public RuleBreak? Check(JsonElement body, HttpRequest request, CallRoute route)
    {
        foreach (var property in body.EnumerateObject())
        {
            if (!_fields.Contains(property.Name))
            {
                return new($"invalid request: unknown field '{property.Name}'", Status: StatusCodes.Status422UnprocessableEntity);
            }
        }

        if (string.IsNullOrEmpty(body.GetText("model")))
        {
            return new("invalid request: 'model' is required");
        }

        var range = body.Get("temperature") is { } t && t.GetDouble() is < 0 or > 1 ? "temperature" : body.Get("p") is { } p && p.GetDouble() is < 0 or > 1 ? "p" : null;
        if (range is not null)
        {
            return new($"invalid request: {range} must be between 0 and 1.0 inclusive");
        }

        if (body.GetText("tool_choice") is { } choice && choice is not ("REQUIRED" or "NONE") || body.Get("tool_choice") is { ValueKind: JsonValueKind.Object })
        {
            return new("invalid request: tool_choice must be REQUIRED or NONE");
        }

        foreach (var tool in body.List("tools"))
        {
            if (tool.GetText("type") != "function" || string.IsNullOrEmpty(tool.Get("function")?.GetText("name")))
            {
                return new("invalid request: each tool needs type 'function' and a function with a name");
            }
        }

        return Messages(body);
    }

    public Asked Read(JsonElement body, CallRoute route)
    {
        var messages = body.List("messages").ToList();
        return new Asked
        {
            Model = body.GetText("model")!,
            Stream = body.GetFlag("stream"),
            MaxTokens = body.GetInt("max_tokens"),
            Tools = [.. body.List("tools").Select(t => t.Get("function")!.Value).Select(f => new OfferedTool(f.GetText("name")!, f.Get("parameters")?.Clone() ?? default))],
            NoTools = body.GetText("tool_choice") == "NONE",
            EndsInToolResult = messages[^1].GetText("role") == "tool",
            LastText = PromptText.Last(messages),
            PromptBytes = PromptText.Bytes(body, "messages", "documents"),
            WantsThinking = body.Get("thinking")?.GetText("type") != "disabled",
        };
    }

    public JsonNode Plain(Turn turn)
    {
        var message = new JsonObject { ["role"] = "assistant" };
        if (turn.Calls.Count > 0)
        {
            message["tool_plan"] = "I will use the tools.";
            message["tool_calls"] = NativeJson.Array(turn.Calls.Select(c => new JsonObject { ["id"] = c.Name + "_" + c.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = c.Name, ["arguments"] = c.Arguments } }));
        }

        var content = new JsonArray();
        if (turn.Thinking.Count > 0)
        {
            content.Add(new JsonObject { ["type"] = "thinking", ["thinking"] = string.Concat(turn.Thinking) });
        }

        if (turn.Text.Count > 0)
        {
            content.Add(new JsonObject { ["type"] = "text", ["text"] = string.Concat(turn.Text) });
        }

        if (content.Count > 0)
        {
            message["content"] = content;
        }

        var answer = new JsonObject { ["id"] = "sim-" + turn.Id, ["finish_reason"] = Finish(turn), ["message"] = message };
        if (turn.Behaviour.Usage)
        {
            answer["usage"] = Usage(turn);
        }

        return answer;
    }

    public IReadOnlyList<Frame> Events(Turn turn)
    {
        var start = new JsonObject { ["role"] = "assistant", ["content"] = new JsonArray(), ["tool_plan"] = "", ["tool_calls"] = new JsonArray(), ["citations"] = new JsonArray() };
        var frames = new List<Frame> { new("message-start", new JsonObject { ["id"] = "sim-" + turn.Id, ["type"] = "message-start", ["delta"] = new JsonObject { ["message"] = start } }) };
        var index = 0;
        index = Content(frames, index, "thinking", turn.Thinking);
        if (turn.Calls.Count > 0)
        {
            frames.Add(new("tool-plan-delta", new JsonObject { ["type"] = "tool-plan-delta", ["delta"] = new JsonObject { ["message"] = new JsonObject { ["tool_plan"] = "I will use the tools." } } }));
        }

        _ = Content(frames, index, "text", turn.Text);
        for (var i = 0; i < turn.Calls.Count; i++)
        {
            var call = turn.Calls[i];
            frames.Add(Event("tool-call-start", i, "tool_calls", new JsonObject { ["id"] = call.Name + "_" + call.Id, ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = "" } }));
            frames.AddRange(call.Pieces.Select(p => Event("tool-call-delta", i, "tool_calls", new JsonObject { ["function"] = new JsonObject { ["arguments"] = p } }) with { Tokens = 1 }));
            frames.Add(new("tool-call-end", new JsonObject { ["type"] = "tool-call-end", ["index"] = i }));
        }

        var delta = new JsonObject { ["finish_reason"] = Finish(turn) };
        if (turn.Behaviour.Usage)
        {
            delta["usage"] = Usage(turn);
        }

        frames.Add(new("message-end", new JsonObject { ["type"] = "message-end", ["delta"] = delta }, IsEnd: true));
        return frames;
    }

    public JsonNode Error(int status, string? code, string? message, string? param) => new JsonObject
    {
        ["id"] = "sim-error",
        ["message"] = message ?? status switch
        {
            401 => "invalid api token",
            404 => "model 'unknown' not found",
            429 => "You are using a Trial key, which is limited to 10 API calls / minute.",
            503 => "service unavailable",
            >= 500 => "internal server error",
            _ => "invalid request",
        },
    };

    public Frame StreamError(string? code) => new("message-end", new JsonObject { ["type"] = "message-end", ["delta"] = new JsonObject { ["finish_reason"] = "ERROR", ["error"] = code ?? "internal server error" } });

    public IEnumerable<KeyValuePair<string, string>> Headers(int status, SimulatorBehaviour behaviour, string requestId)
        => [new("x-debug-trace-id", requestId), new("x-endpoint-monthly-call-limit", "1000"), .. RateHeaders.Retry(status, behaviour)];

    private static int Content(List<Frame> frames, int index, string kind, IReadOnlyList<string> pieces)
    {
        if (pieces.Count == 0)
        {
            return index;
        }

        frames.Add(Event("content-start", index, "content", new JsonObject { ["type"] = kind, [kind] = "" }));
        frames.AddRange(pieces.Select(p => Event("content-delta", index, "content", new JsonObject { [kind] = p }) with { Tokens = 1 }));
        frames.Add(new("content-end", new JsonObject { ["type"] = "content-end", ["index"] = index }));
        return index + 1;
    }

    private static Frame Event(string type, int index, string field, JsonObject value)
        => new(type, new JsonObject { ["type"] = type, ["index"] = index, ["delta"] = new JsonObject { ["message"] = new JsonObject { [field] = value } } });

    private static string Finish(Turn turn) => turn.Behaviour.Finish ?? turn.Finish switch
    {
        TurnFinish.Length => "MAX_TOKENS",
        TurnFinish.ToolUse => "TOOL_CALL",
        TurnFinish.Refused => "ERROR",
        _ => "COMPLETE",
    };

    private static JsonObject Usage(Turn turn)
    {
        var usage = new JsonObject
        {
            ["billed_units"] = new JsonObject { ["input_tokens"] = turn.FreshTokens, ["output_tokens"] = turn.CompletionTokens },
            ["tokens"] = new JsonObject { ["input_tokens"] = turn.PromptTokens, ["output_tokens"] = turn.CompletionTokens },
        };
        if (turn.Classes.CacheRead > 0)
        {
            usage["cached_tokens"] = turn.Classes.CacheRead;
        }

        return usage;
    }

    private static RuleBreak? Messages(JsonElement body)
    {
        var messages = body.List("messages").ToList();
        if (messages.Count == 0)
        {
            return new("invalid request: message must be at least 1 token long or tool results must be specified.");
        }

        var open = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].GetText("role");
            if (role is not ("user" or "assistant" or "system" or "tool"))
            {
                return new($"invalid request: messages[{i}].role: invalid role '{role}'");
            }

            if (role == "tool")
            {
                if (!open.Remove(messages[i].GetText("tool_call_id") ?? ""))
                {
                    return new($"invalid request: messages[{i}]: tool_call_id '{messages[i].GetText("tool_call_id")}' does not match any tool call of the previous message");
                }
            }
            else if (open.Count > 0)
            {
                return new($"invalid request: messages[{i}]: tool calls without results: {string.Join(", ", open)}");
            }

            var content = messages[i].Get("content");
            if (content is null && role != "assistant")
            {
                return new($"invalid request: messages[{i}].content is required");
            }

            if (messages[i].List("content").Any(c => c.GetText("type") is not ("text" or "image_url" or "document" or "thinking")))
            {
                return new($"invalid request: messages[{i}].content: unknown type");
            }

            foreach (var call in role == "assistant" ? messages[i].List("tool_calls") : [])
            {
                if (call.GetText("type") != "function" || call.GetText("id") is not { } id || !open.Add(id) || call.Get("function")?.GetText("arguments") is null)
                {
                    return new($"invalid request: messages[{i}].tool_calls: each needs a distinct id, type 'function', a name and arguments as text");
                }
            }
        }

        return open.Count > 0 ? new($"invalid request: tool calls without results: {string.Join(", ", open)}") : null;
    }
}
