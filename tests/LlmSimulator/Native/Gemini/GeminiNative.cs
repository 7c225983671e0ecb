using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native.Gemini;

/// <summary>Gemini's generateContent, of the Gemini API and Vertex AI.</summary>
internal sealed class GeminiNative : INativeDialect
{
    public string Done => "";

    public RuleBreak? Check(JsonElement body, HttpRequest request, CallRoute route) => GeminiRules.Check(body, route);

    public Framing FramingOf(HttpRequest request) => request.Query["alt"] == "sse" ? Framing.Sse : Framing.JsonArray;

    public Asked Read(JsonElement body, CallRoute route)
    {
        var contents = body.List("contents").ToList();
        var generation = Any(body, "generationConfig", "generation_config") ?? default;
        var calling = (Any(body, "toolConfig", "tool_config") ?? default).Get("functionCallingConfig") ?? default;
        var allowed = calling.List("allowedFunctionNames").Select(n => n.GetString()!).ToList();
        return new Asked
        {
            Model = route.Model!,
            Stream = route.Call == Call.StreamGenerateContent,
            MaxTokens = generation.GetInt("maxOutputTokens"),
            Tools = [.. Declarations(body).Select(d => new OfferedTool(d.GetText("name")!, (d.Get("parameters") ?? d.Get("parametersJsonSchema"))?.Clone() ?? default))],
            ForcedTool = calling.GetText("mode") == "ANY" && allowed.Count == 1 ? allowed[0] : null,
            NoTools = calling.GetText("mode") == "NONE",
            EndsInToolResult = contents.Count > 0 && contents[^1].List("parts").Any(p => p.Get("functionResponse") is not null),
            LastText = PromptText.Last(contents, "parts"),
            PromptBytes = PromptText.Bytes(body, "contents", "systemInstruction", "system_instruction"),
            WantsThinking = generation.Get("thinkingConfig")?.GetFlag("includeThoughts") == true,
        };
    }

    public static IEnumerable<JsonElement> Declarations(JsonElement body)
        => body.List("tools").SelectMany(t => t.List("functionDeclarations").Concat(t.List("function_declarations")));

    public static JsonElement? Any(JsonElement body, string name, string snake) => body.Get(name) ?? body.Get(snake);

    public JsonNode Plain(Turn turn)
    {
        var parts = new JsonArray();
        if (turn.Thinking.Count > 0)
        {
            parts.Add(new JsonObject { ["text"] = string.Concat(turn.Thinking), ["thought"] = true });
        }

        if (turn.Text.Count > 0)
        {
            parts.Add(Signed(turn, turn.Calls.Count == 0, new JsonObject { ["text"] = string.Concat(turn.Text) }));
        }

        foreach (var call in turn.Calls)
        {
            parts.Add(Signed(turn, call == turn.Calls[0], CallPart(call)));
        }

        return Answer(turn, parts, Finish(turn), turn.CompletionTokens);
    }

    public IReadOnlyList<Frame> Events(Turn turn)
    {
        var frames = new List<Frame>();
        foreach (var piece in turn.Thinking)
        {
            frames.Add(new Frame(null, Answer(turn, [new JsonObject { ["text"] = piece, ["thought"] = true }], null, frames.Count + 1), 1));
        }

        foreach (var piece in turn.Text)
        {
            frames.Add(new Frame(null, Answer(turn, [new JsonObject { ["text"] = piece }], null, frames.Count + 1), 1));
        }

        foreach (var call in turn.Calls)
        {
            frames.Add(new Frame(null, Answer(turn, [Signed(turn, call == turn.Calls[0], CallPart(call))], null, frames.Count + 1), call.Pieces.Count));
        }

        frames.Add(new Frame(null, Answer(turn, [Signed(turn, turn.Calls.Count == 0, new JsonObject { ["text"] = "" })], Finish(turn), turn.CompletionTokens), IsEnd: true));
        return frames;
    }

    public JsonNode Error(int status, string? code, string? message, string? param)
    {
        var error = new JsonObject { ["code"] = status, ["message"] = message ?? MessageOf(status), ["status"] = code ?? StatusOf(status) };
        if (status == StatusCodes.Status429TooManyRequests)
        {
            error["details"] = new JsonArray(new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.RetryInfo", ["retryDelay"] = "1s" });
        }

        return new JsonObject { ["error"] = error };
    }

    public Frame StreamError(string? code) => new(null, Error(StatusCodes.Status503ServiceUnavailable, code, null, null));

    public IEnumerable<KeyValuePair<string, string>> Headers(int status, SimulatorBehaviour behaviour, string requestId)
        => [new("x-request-id", requestId), new("vary", "Origin"), .. RateHeaders.Retry(status, behaviour)];

    public static string StatusOf(int status) => status switch
    {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        >= 500 => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };

    private static string MessageOf(int status) => status switch
    {
        401 or 403 => "API key not valid. Please pass a valid API key.",
        404 => "models/unknown is not found for API version v1beta, or is not supported for generateContent.",
        429 => "You exceeded your current quota, please check your plan and billing details.",
        503 => "The model is overloaded. Please try again later.",
        >= 500 => "An internal error has occurred. Please retry.",
        _ => "Request contains an invalid argument.",
    };

    private static JsonObject CallPart(TurnCall call) => new() { ["functionCall"] = new JsonObject { ["name"] = call.Name, ["args"] = JsonNode.Parse(call.Arguments) } };

    /// <summary>The thought's signature lies on the first part after the thought.</summary>
    private static JsonObject Signed(Turn turn, bool here, JsonObject part)
    {
        if (here && turn.Thinking.Count > 0)
        {
            part["thoughtSignature"] = turn.Signature;
        }

        return part;
    }

    private static string Finish(Turn turn) => turn.Behaviour.Finish ?? turn.Finish switch
    {
        TurnFinish.Length => "MAX_TOKENS",
        TurnFinish.Refused => "SAFETY",
        _ => "STOP",
    };

    private static JsonObject Answer(Turn turn, JsonArray parts, string? finish, int tokens)
    {
        var candidate = new JsonObject { ["content"] = new JsonObject { ["parts"] = parts, ["role"] = "model" } };
        if (finish is not null)
        {
            candidate["finishReason"] = finish;
        }

        candidate["index"] = 0;
        var answer = new JsonObject { ["candidates"] = new JsonArray(candidate) };
        if (turn.Behaviour.Usage)
        {
            var thoughts = Math.Min(tokens, turn.Classes.Reasoning);
            var usage = new JsonObject { ["promptTokenCount"] = turn.PromptTokens, ["candidatesTokenCount"] = tokens - thoughts, ["totalTokenCount"] = turn.PromptTokens + tokens };
            if (turn.Classes.CacheRead > 0)
            {
                usage["cachedContentTokenCount"] = turn.Classes.CacheRead;
            }

            if (thoughts > 0)
            {
                usage["thoughtsTokenCount"] = thoughts;
            }

            usage["promptTokensDetails"] = Details(turn.PromptTokens, turn.Classes.AudioInput);
            if (turn.Classes.AudioOutput > 0)
            {
                usage["candidatesTokensDetails"] = Details(tokens - thoughts, turn.Classes.AudioOutput);
            }

            answer["usageMetadata"] = usage;
        }

        answer["modelVersion"] = turn.Model;
        answer["responseId"] = "sim-" + turn.Id;
        return answer;
    }

    private static JsonArray Details(int all, int audio)
    {
        var details = new JsonArray(new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = all - audio });
        if (audio > 0)
        {
            details.Add(new JsonObject { ["modality"] = "AUDIO", ["tokenCount"] = audio });
        }

        return details;
    }
}
