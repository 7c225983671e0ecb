using System.Text;
using System.Text.Json;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;
using Gateway.LlmSimulator.Native.Anthropic;
using Gateway.LlmSimulator.Native.Bedrock;
using Gateway.LlmSimulator.Native.Cohere;
using Gateway.LlmSimulator.Native.Gemini;
using Gateway.LlmSimulator.Native.Responses;
using Gateway.LlmSimulator.Serving;

namespace Gateway.LlmSimulator.Native;

/// <summary>Plans the answers of every dialect but OpenAI's chat, completions and embeddings, which have a faster way.</summary>
internal sealed class NativeServer(SimulatorOptions options, ControlState control, Models models, Ledger ledger)
{
    private readonly AnthropicNative _anthropic = new();
    private readonly GeminiNative _gemini = new();
    private readonly ConverseNative _converse = new();
    private readonly CohereNative _cohere = new();
    private readonly ResponsesNative _responses = new();
    private readonly Side.SideCalls _side = new();

    /// <summary>The answer to a request whose body is read.</summary>
    public Work Plan(HttpContext context, CallRoute route, long number, ReadOnlyMemory<byte> body)
    {
        var dialect = DialectOf(route.Call);
        if (!IsAuthorized(context.Request))
        {
            return Error(dialect, number, control.Defaults, new RuleBreak("", Status: StatusCodes.Status401Unauthorized));
        }

        if (_side.IsForm(route.Call))
        {
            return PlanSide(context.Request, route, number, dialect, body, default);
        }

        JsonElement json = default;
        if (!body.IsEmpty || HttpMethods.IsPost(context.Request.Method))
        {
            try
            {
                using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 256 });
                json = document.RootElement.Clone();
            }
            catch (JsonException e)
            {
                return Error(dialect, number, options.Behaviour, new RuleBreak("We could not parse the JSON body of your request. " + e.Message));
            }

            if (json.ValueKind != JsonValueKind.Object && !_side.Takes(route.Call))
            {
                return Error(dialect, number, options.Behaviour, new RuleBreak("The body is not a JSON object."));
            }
        }

        return _side.Takes(route.Call) || (route.Call == Call.Responses && route.Rest is { Length: > 0 })
            ? PlanSide(context.Request, route, number, dialect, body, json)
            : PlanTurn(context.Request, route, number, dialect, json);
    }

    private Work PlanTurn(HttpRequest request, CallRoute route, long number, INativeDialect dialect, JsonElement json)
    {
        if ((route.Model ?? json.GetText("model")) is not { Length: > 0 } name)
        {
            return Error(dialect, number, options.Behaviour, dialect.Check(json, request, route) ?? new RuleBreak("Missing required parameter: 'model'.", "model"));
        }

        if (Compile(name, number, dialect, out var model, out var compiled) is { } wrong)
        {
            return wrong;
        }

        var behaviour = compiled.Behaviour;
        if (behaviour.Status == 0 && dialect.Check(json, request, route) is { } broken)
        {
            return Error(dialect, number, behaviour, broken);
        }

        if (behaviour.Status > 0)
        {
            return Error(dialect, number, behaviour, new RuleBreak("", Status: behaviour.Status));
        }

        var asked = dialect.Read(json, route);
        if (route.Model is not null && route.Call == Call.Messages)
        {
            asked = asked with { Stream = asked.Stream || request.Path.Value!.EndsWith(":streamRawPredict", StringComparison.Ordinal) };
        }

        var turn = TurnPlanner.Plan(asked, Encoding.UTF8.GetString(model.Name), compiled, number);
        var framing = dialect.FramingOf(request);
        return new Work(number, behaviour, asked.Stream ? default : Body(behaviour, dialect.Plain(turn)), StatusCodes.Status200OK, model.Account)
        {
            Events = asked.Stream ? new FrameEvents(dialect.Events(turn), framing, behaviour, dialect.StreamError, dialect.Done) : null,
            PromptTokens = turn.PromptTokens,
            CompletionTokens = turn.CompletionTokens,
            Classes = turn.Classes == TokenClasses.None ? null : turn.Classes,
            ContentType = !asked.Stream || framing == Framing.JsonArray ? "application/json" : framing == Framing.EventStream ? "application/vnd.amazon.eventstream" : null,
            Headers = [.. dialect.Headers(StatusCodes.Status200OK, behaviour, ledger.RequestId(number))],
        };
    }

    private Work PlanSide(HttpRequest request, CallRoute route, long number, INativeDialect dialect, ReadOnlyMemory<byte> body, JsonElement json)
    {
        var form = json.ValueKind == JsonValueKind.Undefined ? Side.Form.Read(request.ContentType, body) : null;
        var name = route.Model ?? form?.Text("model") ?? json.GetText("model") ?? "sim";
        if (Compile(name, number, dialect, out var model, out var compiled) is { } wrong)
        {
            return wrong;
        }

        if (compiled.Behaviour.Status > 0)
        {
            return Error(dialect, number, compiled.Behaviour, new RuleBreak("", Status: compiled.Behaviour.Status));
        }

        var answer = _side.Answer(request, route, Encoding.UTF8.GetString(model.Name), compiled.Behaviour, json, form, ledger.RequestId(number));
        if (answer.Broken is { } broken)
        {
            return Error(dialect, number, compiled.Behaviour, broken);
        }

        var bytes = compiled.Behaviour.Html || compiled.Behaviour.Empty ? Body(compiled.Behaviour, null) : answer.Bytes;
        return new Work(number, compiled.Behaviour, bytes, answer.Status, answer.PromptTokens is null ? null : model.Account)
        {
            PromptTokens = answer.PromptTokens ?? 0,
            ContentType = answer.ContentType,
            Headers = [.. dialect.Headers(answer.Status, compiled.Behaviour, ledger.RequestId(number))],
        };
    }

    private Work? Compile(string name, long number, INativeDialect dialect, out Model model, out CompiledBehaviour compiled)
    {
        model = models.Find(JsonEncodedText.Encode(name).EncodedUtf8Bytes);
        var result = model.Compile(control.Next());
        compiled = result.Result!;
        return result.Result is null ? Error(dialect, number, options.Behaviour, new RuleBreak(result.Error!))
            : compiled.Behaviour.Replay is not null ? Replays.Answer(number, compiled.Behaviour)
            : null;
    }

    private Work Error(INativeDialect dialect, long number, SimulatorBehaviour behaviour, RuleBreak broken)
    {
        var message = broken.Message.Length == 0 ? null : broken.Message;
        var json = dialect.Error(broken.Status, behaviour.Error, message, broken.Param);
        return new Work(number, behaviour, Body(behaviour, json), broken.Status, null) { Headers = [.. dialect.Headers(broken.Status, behaviour, ledger.RequestId(number))] };
    }

    private static ReadOnlyMemory<byte> Body(SimulatorBehaviour behaviour, System.Text.Json.Nodes.JsonNode? answer)
    {
        if (behaviour.Html)
        {
            return Planner.HtmlPage;
        }

        if (behaviour.Empty || answer is null)
        {
            return default;
        }

        var json = NativeJson.Text(answer);
        var more = (behaviour.Extra ? ",\"x_extra\":{\"big\":12345678901234567890,\"precise\":1.10,\"text\":\"\\u00e9\\/\\n\",\"list\":[null,true,{}]}" : "")
            + (behaviour.Huge > json.Length ? ",\"p\":\"" + new string('x', behaviour.Huge - json.Length) + "\"" : "");
        return Encoding.UTF8.GetBytes(more.Length == 0 ? json : json[..^1] + more + "}");
    }

    private bool IsAuthorized(HttpRequest request)
    {
        if (options.ApiKey is not { } key)
        {
            return true;
        }

        var bearer = request.Headers.Authorization.ToString();
        return bearer == "Bearer " + key || bearer.StartsWith("AWS4-HMAC-SHA256 Credential=", StringComparison.Ordinal)
            || request.Headers["x-api-key"] == key || request.Headers["api-key"] == key || request.Headers["x-goog-api-key"] == key || request.Query["key"] == key;
    }

    private INativeDialect DialectOf(Call call) => call switch
    {
        Call.Messages or Call.CountTokens or Call.AnthropicModels => _anthropic,
        Call.GenerateContent or Call.StreamGenerateContent or Call.GeminiCountTokens or Call.EmbedContent or Call.BatchEmbedContents or Call.VertexPredict => _gemini,
        Call.Converse or Call.ConverseStream or Call.InvokeModel => _converse,
        Call.CohereChat or Call.CohereEmbed or Call.Rerank => _cohere,
        _ => _responses,
    };
}
