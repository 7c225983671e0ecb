using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Native.Responses;

/// <summary>OpenAI responses.</summary>
internal sealed class ResponsesNative : INativeDialect
{
    public string Done => "";

    public RuleBreak? Check(JsonElement body, HttpRequest request, CallRoute route) => ResponsesRules.Check(body);

    public Framing FramingOf(HttpRequest request) => Framing.NamedSse;

    public Asked Read(JsonElement body, CallRoute route)
    {
        var items = body.List("input").ToList();
        var choice = body.Get("tool_choice");
        return new Asked
        {
            Model = body.GetText("model")!,
            Stream = body.GetFlag("stream"),
            MaxTokens = body.GetInt("max_output_tokens"),
            Tools = [.. body.List("tools").Where(t => t.GetText("type") == "function").Select(t => new OfferedTool(t.GetText("name")!, t.Get("parameters")?.Clone() ?? default))],
            ForcedTool = choice?.GetText("type") == "function" ? choice.Value.GetText("name") : null,
            NoTools = choice is { ValueKind: JsonValueKind.String } word && word.GetString() == "none",
            EndsInToolResult = items.Count > 0 && items[^1].GetText("type") == "function_call_output",
            LastText = body.GetText("input") ?? PromptText.Last(items),
            PromptBytes = PromptText.Bytes(body, "instructions", "input"),
        };
    }

    public JsonNode Plain(Turn turn) => Response(turn, turn.Finish == TurnFinish.Length ? "incomplete" : "completed", Items(turn).Select(i => i.Whole));

    public IReadOnlyList<Frame> Events(Turn turn)
    {
        var writer = new ResponsesEvents();
        writer.Add("response.created", new() { ["response"] = Response(turn, "in_progress", []) });
        writer.Add("response.in_progress", new() { ["response"] = Response(turn, "in_progress", []) });
        var index = 0;
        foreach (var item in Items(turn))
        {
            item.Stream(writer, index++);
        }

        if (turn.Behaviour.Extra)
        {
            writer.Add("response.x_unknown", []);
        }

        var end = turn.Finish == TurnFinish.Length ? "response.incomplete" : "response.completed";
        writer.Add(end, new() { ["response"] = Plain(turn) }, isEnd: true);
        return writer.Frames;
    }

    public JsonNode Error(int status, string? code, string? message, string? param)
    {
        var error = JsonNode.Parse(ErrorAnswer.Write(status, code, message))!;
        error["error"]!["param"] = param;
        return error;
    }

    public Frame StreamError(string? code) => new("error", new JsonObject { ["type"] = "error", ["code"] = code ?? "server_error", ["message"] = "The server had an error while processing your request. Sorry about that!", ["param"] = null, ["sequence_number"] = 1_000_000 });

    public IEnumerable<KeyValuePair<string, string>> Headers(int status, SimulatorBehaviour behaviour, string requestId)
        => [new("x-request-id", requestId), new("openai-version", "2020-10-01"), .. RateHeaders.OpenAI(status, behaviour)];

    private static IEnumerable<ResponsesItem> Items(Turn turn)
    {
        if (turn.Thinking.Count > 0)
        {
            yield return new ReasoningItem(turn);
        }

        if (turn.Text.Count > 0)
        {
            yield return new MessageItem(turn);
        }

        foreach (var call in turn.Calls)
        {
            yield return new CallItem(call);
        }
    }

    private static JsonObject Response(Turn turn, string status, IEnumerable<JsonObject> output) => new()
    {
        ["id"] = "resp_" + turn.Id,
        ["object"] = "response",
        ["created_at"] = AnswerPlan.Created,
        ["status"] = status,
        ["background"] = false,
        ["error"] = null,
        ["incomplete_details"] = status == "incomplete" ? new JsonObject { ["reason"] = turn.Behaviour.Finish ?? "max_output_tokens" } : null,
        ["instructions"] = null,
        ["max_output_tokens"] = null,
        ["model"] = turn.Model,
        ["output"] = NativeJson.Array(output),
        ["parallel_tool_calls"] = true,
        ["previous_response_id"] = null,
        ["reasoning"] = new JsonObject { ["effort"] = null, ["summary"] = null },
        ["service_tier"] = "default",
        ["store"] = true,
        ["temperature"] = 1.0,
        ["text"] = new JsonObject { ["format"] = new JsonObject { ["type"] = "text" }, ["verbosity"] = "medium" },
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["top_p"] = 1.0,
        ["truncation"] = "disabled",
        ["usage"] = status == "in_progress" || !turn.Behaviour.Usage ? null : new JsonObject
        {
            ["input_tokens"] = turn.PromptTokens,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = turn.Classes.CacheRead },
            ["output_tokens"] = turn.CompletionTokens,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = turn.Classes.Reasoning },
            ["total_tokens"] = turn.PromptTokens + turn.CompletionTokens,
        },
        ["user"] = null,
        ["metadata"] = new JsonObject(),
    };
}
