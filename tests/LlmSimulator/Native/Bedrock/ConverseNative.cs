using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native.Bedrock;

/// <summary>Bedrock Converse and ConverseStream.</summary>
internal sealed class ConverseNative : INativeDialect
{
    public string Done => "";

    public RuleBreak? Check(JsonElement body, HttpRequest request, CallRoute route) => ConverseRules.Check(body);

    public Framing FramingOf(HttpRequest request) => Framing.EventStream;

    public Asked Read(JsonElement body, CallRoute route)
    {
        var messages = body.List("messages").ToList();
        var config = body.Get("toolConfig") ?? default;
        return new Asked
        {
            Model = route.Model!,
            Stream = route.Call == Call.ConverseStream,
            MaxTokens = body.Get("inferenceConfig")?.GetInt("maxTokens"),
            Tools = [.. config.List("tools").Select(t => t.Get("toolSpec")).Where(t => t is not null).Select(t => new OfferedTool(t!.Value.GetText("name")!, t.Value.Get("inputSchema")?.Get("json")?.Clone() ?? default))],
            ForcedTool = config.Get("toolChoice")?.Get("tool")?.GetText("name"),
            EndsInToolResult = messages.Count > 0 && messages[^1].List("content").Any(b => b.Get("toolResult") is not null),
            LastText = PromptText.Last(messages),
            PromptBytes = PromptText.Bytes(body, "system", "messages"),
            WantsThinking = (body.Get("additionalModelRequestFields")?.Get("thinking")?.GetText("type") ?? body.Get("additionalModelRequestFields")?.Get("reasoning_config")?.GetText("type")) is "enabled" or "adaptive",
        };
    }

    public JsonNode Plain(Turn turn)
    {
        var content = new JsonArray();
        if (turn.Thinking.Count > 0)
        {
            content.Add(new JsonObject
            {
                ["reasoningContent"] = turn.Behaviour.Redacted
                    ? new JsonObject { ["redactedContent"] = Signatures.Redact(string.Concat(turn.Thinking)) }
                    : new JsonObject { ["reasoningText"] = new JsonObject { ["text"] = string.Concat(turn.Thinking), ["signature"] = turn.Signature } },
            });
        }

        if (turn.Text.Count > 0)
        {
            content.Add(new JsonObject { ["text"] = string.Concat(turn.Text) });
        }

        foreach (var call in turn.Calls)
        {
            content.Add(new JsonObject { ["toolUse"] = new JsonObject { ["toolUseId"] = "tooluse_" + call.Id, ["name"] = call.Name, ["input"] = JsonNode.Parse(call.Arguments) } });
        }

        var answer = new JsonObject
        {
            ["metrics"] = new JsonObject { ["latencyMs"] = 12 },
            ["output"] = new JsonObject { ["message"] = new JsonObject { ["content"] = content, ["role"] = "assistant" } },
            ["stopReason"] = StopReason(turn),
        };
        if (turn.Behaviour.Usage)
        {
            answer["usage"] = Usage(turn);
        }

        return answer;
    }

    public IReadOnlyList<Frame> Events(Turn turn)
    {
        var frames = new List<Frame> { new("messageStart", new JsonObject { ["role"] = "assistant" }) };
        var index = 0;
        if (turn.Thinking.Count > 0)
        {
            if (turn.Behaviour.Redacted)
            {
                frames.Add(Delta(index, "reasoningContent", new JsonObject { ["redactedContent"] = Signatures.Redact(string.Concat(turn.Thinking)) }, turn.Thinking.Count));
            }
            else
            {
                frames.AddRange(turn.Thinking.Select(p => Delta(index, "reasoningContent", new JsonObject { ["text"] = p }, 1)));
                frames.Add(Delta(index, "reasoningContent", new JsonObject { ["signature"] = turn.Signature }, 0));
            }

            frames.Add(Stop(index++));
        }

        if (turn.Text.Count > 0)
        {
            frames.AddRange(turn.Text.Select(p => Delta(index, "text", p, 1)));
            frames.Add(Stop(index++));
        }

        foreach (var call in turn.Calls)
        {
            frames.Add(new("contentBlockStart", new JsonObject { ["contentBlockIndex"] = index, ["start"] = new JsonObject { ["toolUse"] = new JsonObject { ["name"] = call.Name, ["toolUseId"] = "tooluse_" + call.Id } } }));
            frames.AddRange(call.Pieces.Select(p => Delta(index, "toolUse", new JsonObject { ["input"] = p }, 1)));
            frames.Add(Stop(index++));
        }

        frames.Add(new("messageStop", new JsonObject { ["stopReason"] = StopReason(turn) }, IsEnd: true));
        var metadata = new JsonObject { ["metrics"] = new JsonObject { ["latencyMs"] = 12 } };
        if (turn.Behaviour.Usage)
        {
            metadata["usage"] = Usage(turn);
        }

        frames.Add(new("metadata", metadata, IsEnd: true));
        return frames;
    }

    public JsonNode Error(int status, string? code, string? message, string? param) => new JsonObject { ["message"] = message ?? MessageOf(status) };

    public Frame StreamError(string? code) => new(code ?? "modelStreamErrorException", new JsonObject { ["message"] = "The model produced an error while streaming." });

    public IEnumerable<KeyValuePair<string, string>> Headers(int status, SimulatorBehaviour behaviour, string requestId)
    {
        yield return new("x-amzn-requestid", requestId);
        if (status >= StatusCodes.Status400BadRequest)
        {
            yield return new("x-amzn-errortype", (behaviour.Error ?? TypeOf(status)) + ":http://internal.amazon.com/coral/com.amazon.bedrock/");
        }

        foreach (var header in RateHeaders.Retry(status, behaviour))
        {
            yield return header;
        }
    }

    private static string TypeOf(int status) => status switch
    {
        400 => "ValidationException",
        401 or 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        >= 500 => "InternalServerException",
        _ => "ValidationException",
    };

    private static string MessageOf(int status) => status switch
    {
        401 or 403 => "The security token included in the request is invalid.",
        404 => "Could not resolve the foundation model from the provided model identifier.",
        429 => "Too many requests, please wait before trying again.",
        503 => "Bedrock is unable to process your request.",
        >= 500 => "The system encountered an unexpected error during processing. Try your request again.",
        _ => "The provided request is not valid",
    };

    private static Frame Delta(int index, string kind, JsonNode value, int tokens)
        => new("contentBlockDelta", new JsonObject { ["contentBlockIndex"] = index, ["delta"] = new JsonObject { [kind] = value } }, tokens);

    private static Frame Stop(int index) => new("contentBlockStop", new JsonObject { ["contentBlockIndex"] = index });

    private static string StopReason(Turn turn) => turn.Behaviour.Finish ?? turn.Finish switch
    {
        TurnFinish.Length => "max_tokens",
        TurnFinish.ToolUse => "tool_use",
        TurnFinish.Refused => "content_filtered",
        _ => "end_turn",
    };

    private static JsonObject Usage(Turn turn)
    {
        var written = turn.Classes.CacheWrite + turn.Classes.CacheWriteLong;
        var usage = new JsonObject { ["inputTokens"] = turn.FreshTokens, ["outputTokens"] = turn.CompletionTokens, ["totalTokens"] = turn.PromptTokens + turn.CompletionTokens };
        if (turn.Classes.CacheRead + written > 0)
        {
            usage["cacheReadInputTokens"] = turn.Classes.CacheRead;
            usage["cacheWriteInputTokens"] = written;
        }

        return usage;
    }
}
