using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native.Anthropic;

/// <summary>Anthropic messages, of its own API, Vertex AI's rawPredict and Bedrock's InvokeModel.</summary>
internal sealed class AnthropicNative : INativeDialect
{
    public string Done => "";

    public RuleBreak? Check(JsonElement body, HttpRequest request, CallRoute route) => AnthropicRules.Check(body, request, route);

    public Framing FramingOf(HttpRequest request) => Framing.NamedSse;

    public Asked Read(JsonElement body, CallRoute route)
    {
        var messages = body.List("messages").ToList();
        var choice = body.Get("tool_choice");
        return new Asked
        {
            Model = route.Model ?? body.GetText("model") ?? "",
            Stream = body.GetFlag("stream"),
            MaxTokens = body.GetInt("max_tokens"),
            Tools = [.. body.List("tools").Where(t => t.Get("input_schema") is not null).Select(t => new OfferedTool(t.GetText("name")!, t.Get("input_schema")!.Value.Clone()))],
            ForcedTool = choice?.GetText("type") == "tool" ? choice.Value.GetText("name") : null,
            NoTools = choice?.GetText("type") == "none",
            EndsInToolResult = messages.Count > 0 && messages[^1].List("content").Any(b => b.GetText("type") == "tool_result"),
            LastText = PromptText.Last(messages),
            Beginning = Resuming.Beginning(messages),
            PromptBytes = PromptText.Bytes(body, "system", "messages", "tools"),
            WantsThinking = body.Get("thinking")?.GetText("type") is "enabled" or "adaptive",
        };
    }

    public JsonNode Plain(Turn turn) => new JsonObject
    {
        ["id"] = "msg_" + turn.Id,
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = turn.Model,
        ["content"] = NativeJson.Array(Blocks(turn)),
        ["stop_reason"] = StopReason(turn),
        ["stop_sequence"] = null,
        ["usage"] = Usage(turn, turn.CompletionTokens),
    };

    public IReadOnlyList<Frame> Events(Turn turn)
    {
        var start = (JsonObject)Plain(turn);
        start["content"] = new JsonArray();
        start["stop_reason"] = null;
        start["usage"] = Usage(turn, 1);
        var frames = new List<Frame> { Event("message_start", new() { ["message"] = start }) };
        var index = 0;
        foreach (var block in Blocks(turn))
        {
            frames.AddRange(BlockEvents(turn, block, index++, frames.Count == 1));
        }

        var delta = Event("message_delta", new() { ["delta"] = new JsonObject { ["stop_reason"] = StopReason(turn), ["stop_sequence"] = null } });
        if (turn.Behaviour.Usage)
        {
            ((JsonObject)delta.Payload)["usage"] = Usage(turn, turn.CompletionTokens);
        }

        frames.Add(delta);
        if (turn.Behaviour.Extra)
        {
            frames.Add(Event("x_unknown", []));
        }

        frames.Add(Event("message_stop", []) with { IsEnd = true });
        return frames;
    }

    public JsonNode Error(int status, string? code, string? message, string? param) => new JsonObject
    {
        ["type"] = "error",
        ["error"] = new JsonObject { ["type"] = code ?? TypeOf(status), ["message"] = message ?? MessageOf(status) },
        ["request_id"] = "req_sim",
    };

    public Frame StreamError(string? code) => Event("error", new() { ["error"] = new JsonObject { ["type"] = code ?? "overloaded_error", ["message"] = "Overloaded" } });

    public IEnumerable<KeyValuePair<string, string>> Headers(int status, SimulatorBehaviour behaviour, string requestId)
        => [new("request-id", requestId), new("anthropic-organization-id", "00000000-0000-0000-0000-000000000000"), .. RateHeaders.Anthropic(status, behaviour)];

    public static string TypeOf(int status) => status switch
    {
        400 => "invalid_request_error",
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    private static string MessageOf(int status) => status switch
    {
        401 => "invalid x-api-key",
        403 => "Your API key does not have permission to use the specified resource.",
        404 => "model: not found",
        413 => "Request exceeds the maximum size",
        429 => "This request would exceed your organization's rate limit of 400,000 input tokens per minute.",
        529 => "Overloaded",
        >= 500 => "Internal server error",
        _ => "The request is not valid.",
    };

    private static Frame Event(string type, JsonObject more)
    {
        more.Insert(0, "type", type);
        return new Frame(type, more);
    }

    private static IEnumerable<JsonObject> Blocks(Turn turn)
    {
        if (turn.Thinking.Count > 0)
        {
            var thinking = string.Concat(turn.Thinking);
            yield return turn.Behaviour.Redacted
                ? new JsonObject { ["type"] = "redacted_thinking", ["data"] = Signatures.Redact(thinking) }
                : new JsonObject { ["type"] = "thinking", ["thinking"] = thinking, ["signature"] = turn.Signature };
        }

        if (turn.Text.Count > 0)
        {
            yield return new JsonObject { ["type"] = "text", ["text"] = string.Concat(turn.Text) };
        }

        foreach (var call in turn.Calls)
        {
            yield return new JsonObject { ["type"] = "tool_use", ["id"] = "toolu_" + call.Id, ["name"] = call.Name, ["input"] = JsonNode.Parse(call.Arguments) };
        }
    }

    private static IEnumerable<Frame> BlockEvents(Turn turn, JsonObject block, int index, bool first)
    {
        var type = block["type"]!.GetValue<string>();
        var empty = (JsonObject)block.DeepClone();
        switch (type)
        {
            case "thinking": empty["thinking"] = ""; empty["signature"] = ""; break;
            case "text": empty["text"] = ""; break;
            case "tool_use": empty["input"] = new JsonObject(); break;
            default: break;
        }

        yield return Event("content_block_start", new() { ["index"] = index, ["content_block"] = empty });
        if (first)
        {
            yield return Event("ping", []);
        }

        switch (type)
        {
            case "thinking":
                foreach (var piece in turn.Thinking)
                {
                    yield return Delta(index, "thinking_delta", "thinking", piece) with { Tokens = 1 };
                }

                yield return Delta(index, "signature_delta", "signature", turn.Signature);
                break;
            case "text":
                foreach (var piece in turn.Text)
                {
                    yield return Delta(index, "text_delta", "text", piece) with { Tokens = 1 };
                }

                break;
            case "tool_use":
                yield return Delta(index, "input_json_delta", "partial_json", "");
                foreach (var piece in turn.Calls.Single(c => "toolu_" + c.Id == block["id"]!.GetValue<string>()).Pieces)
                {
                    yield return Delta(index, "input_json_delta", "partial_json", piece) with { Tokens = 1 };
                }

                break;
            default:
                break;
        }

        yield return Event("content_block_stop", new() { ["index"] = index });
    }

    private static Frame Delta(int index, string type, string field, string text)
        => Event("content_block_delta", new() { ["index"] = index, ["delta"] = new JsonObject { ["type"] = type, [field] = text } });

    private static string StopReason(Turn turn) => turn.Behaviour.Finish ?? turn.Finish switch
    {
        TurnFinish.Length => "max_tokens",
        TurnFinish.ToolUse => "tool_use",
        TurnFinish.Refused => "refusal",
        _ => "end_turn",
    };

    private static JsonObject Usage(Turn turn, int output) => new()
    {
        ["input_tokens"] = turn.FreshTokens,
        ["cache_creation_input_tokens"] = turn.Classes.CacheWrite + turn.Classes.CacheWriteLong,
        ["cache_read_input_tokens"] = turn.Classes.CacheRead,
        ["cache_creation"] = new JsonObject { ["ephemeral_5m_input_tokens"] = turn.Classes.CacheWrite, ["ephemeral_1h_input_tokens"] = turn.Classes.CacheWriteLong },
        ["output_tokens"] = output,
        ["service_tier"] = "standard",
    };

    /// <summary>An answer to count_tokens.</summary>
    public static JsonNode Count(JsonElement body) => new JsonObject { ["input_tokens"] = (int)((PromptText.Bytes(body, "system", "messages", "tools") + 3) / 4) };

    public static JsonNode Models(IEnumerable<string> models)
    {
        var list = models.ToList();
        return new JsonObject
        {
            ["data"] = NativeJson.Array(list.Select(m => new JsonObject { ["type"] = "model", ["id"] = m, ["display_name"] = m, ["created_at"] = DateTimeOffset.UnixEpoch.ToString("O", CultureInfo.InvariantCulture) })),
            ["has_more"] = false,
            ["first_id"] = list.FirstOrDefault(),
            ["last_id"] = list.LastOrDefault(),
        };
    }
}
