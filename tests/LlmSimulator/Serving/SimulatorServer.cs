using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;
using Gateway.LlmSimulator.Native;
using Gateway.LlmSimulator.Native.OpenAI;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.LlmSimulator.Serving;

/// <summary>The terminal middleware: every request comes here first, and a model request goes no further.</summary>
internal sealed class SimulatorServer(SimulatorOptions options, ControlState control, Ledger ledger, Pacer pacer, CancellationToken stopping)
{
    // Plain answers are formatted here and copied by the response before the thread does anything else.
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly Models _models = new(ledger);
    private readonly NativeServer _native = new(options, control, new Models(ledger), ledger);
    private readonly ControlEndpoints _control = new(options, control, ledger);
    private readonly AnswerWriter _writer = new(ledger, pacer, stopping);
    private readonly Native.Realtime.RealtimeServer _realtime = new(options, control, ledger, stopping);
    private readonly string? _authorization = options.ApiKey is null ? null : "Bearer " + options.ApiKey;
    private long _number;

    public Task HandleAsync(HttpContext context)
    {
        Operation endpoint;
        CallRoute? route = null;
        switch (context.Request.Path.Value)
        {
            case "/v1/chat/completions": endpoint = Operation.Chat; break;
            case "/v1/completions": endpoint = Operation.Completion; break;
            case "/v1/embeddings": endpoint = Operation.Embedding; break;
            default:
                route = CallRoute.Match(context.Request.Method, RawPath(context));
                switch (route?.Call)
                {
                    case null: return _control.HandleAsync(context);
                    case Call.OpenAIChat: endpoint = Operation.Chat; break;
                    case Call.OpenAICompletions: endpoint = Operation.Completion; break;
                    case Call.OpenAIEmbeddings: endpoint = Operation.Embedding; break;
                    case Call.Realtime: return _realtime.HandleAsync(context);
                    default: return AnswerNativeAsync(context, route);
                }

                break;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return _control.RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, $"Not allowed to {context.Request.Method} on {context.Request.Path}. (HINT: Perhaps you meant to make a POST request?)");
        }

        var reader = context.Request.BodyReader;
        var reading = reader.ReadAsync(CancellationToken.None);
        if (!reading.IsCompletedSuccessfully)
        {
            return ReadOnAsync(context, endpoint, route?.Model, reading);
        }

        var result = reading.GetAwaiter().GetResult();
        if (result.IsCompleted)
        {
            return Answer(context, endpoint, route?.Model, result.Buffer);
        }

        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        return ReadOnAsync(context, endpoint, route?.Model, reader.ReadAsync(CancellationToken.None));
    }

    private async Task ReadOnAsync(HttpContext context, Operation endpoint, string? pathModel, ValueTask<ReadResult> reading)
    {
        var reader = context.Request.BodyReader;
        var result = await reading.ConfigureAwait(false);
        while (!result.IsCompleted)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await Answer(context, endpoint, pathModel, result.Buffer).ConfigureAwait(false);
    }

    private Task Answer(HttpContext context, Operation endpoint, string? pathModel, ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            return Answer(context, endpoint, pathModel, body.FirstSpan, body.End);
        }

        var whole = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(whole);
            return Answer(context, endpoint, pathModel, whole.AsSpan(0, (int)body.Length), body.End);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private Task Answer(HttpContext context, Operation endpoint, string? pathModel, ReadOnlySpan<byte> body, SequencePosition end)
    {
        var number = Interlocked.Increment(ref _number);
        ledger.Enter();
        if (options.KeepReceived > 0)
        {
            Keep(context, number, endpoint switch { Operation.Chat => Call.OpenAIChat, Operation.Completion => Call.OpenAICompletions, _ => Call.OpenAIEmbeddings }, body);
        }

        Work work;
        if (_authorization is not null && context.Request.Headers.Authorization != _authorization && context.Request.Headers["api-key"] != options.ApiKey)
        {
            work = Work.Error(number, control.Defaults, StatusCodes.Status401Unauthorized, null, null);
        }
        else
        {
            try
            {
                var scan = RequestScan.Read(body);
                if (scan.Model.IsEmpty && pathModel is null)
                {
                    work = Work.Error(number, options.Behaviour, StatusCodes.Status400BadRequest, null, "you must provide a model parameter");
                }
                else
                {
                    var model = _models.Find(pathModel is null ? scan.Model : JsonEncodedText.Encode(pathModel).EncodedUtf8Bytes);
                    var compiled = model.Compile(control.Next());
                    var user = scan.User.IsEmpty ? null : Encoding.UTF8.GetString(scan.User);
                    if (compiled.Template is { } template && endpoint == Operation.Chat && !scan.Stream && !(scan.MaxTokens < compiled.Result!.Pieces.Length) && !scan.HasTools && !scan.NeedsRules)
                    {
                        var prompt = scan.PromptTokens;
                        context.Request.BodyReader.AdvanceTo(end);
                        return AnswerAtOnce(context, model, compiled.Result!, template, number, prompt, user);
                    }

                    work = compiled.Result is null
                        ? Work.Error(number, options.Behaviour, StatusCodes.Status400BadRequest, "simulator_knob", compiled.Error)
                        : compiled.Result.Behaviour.Replay is not null ? Replays.Answer(number, compiled.Result.Behaviour)
                        : scan.NeedsRules && compiled.Result.Behaviour.Status == 0 && endpoint == Operation.Chat && Refusal(number, compiled.Result.Behaviour, body) is { } refused ? refused
                        : Planner.Plan(endpoint, number, model, compiled.Result.Faulty(number), scan, body) with { User = user };
                }
            }
            catch (JsonException e)
            {
                work = Work.Error(number, options.Behaviour, StatusCodes.Status400BadRequest, null, "We could not parse the JSON body of your request. " + e.Message);
            }
        }

        context.Request.BodyReader.AdvanceTo(end);
        return AnswerInTimeAsync(context, work);
    }

    private Task AnswerAtOnce(HttpContext context, Model model, CompiledBehaviour compiled, PlainTemplate template, long number, int promptTokens, string? user)
    {
        var scratch = _scratch ??= new byte[4096];
        var length = template.Write(ref scratch, compiled.Behaviour.Seed, number, promptTokens);
        _scratch = scratch;
        ledger.Bill(number, model.Account, promptTokens, compiled.Pieces.Length, user: user);
        ledger.Leave("/v1/chat/completions", StatusCodes.Status200OK);
        var response = context.Response;
        response.ContentLength = length;
        response.ContentType = "application/json";
        response.Headers["x-request-id"] = ledger.RequestId(number);
        var written = response.BodyWriter.WriteAsync(scratch.AsMemory(0, length), CancellationToken.None);
        return written.IsCompletedSuccessfully ? Consume(written) : written.AsTask();
    }

    private static Task Consume(ValueTask<FlushResult> written)
    {
        _ = written.GetAwaiter().GetResult();
        return Task.CompletedTask;
    }

    private async Task AnswerInTimeAsync(HttpContext context, Work work)
    {
        var status = 0;
        try
        {
            status = await _writer.WriteAsync(context, work).ConfigureAwait(false);
        }
        finally
        {
            ledger.Leave(context.Request.Path.Value!, status);
        }
    }

    private async Task AnswerNativeAsync(HttpContext context, CallRoute route)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, CancellationToken.None).ConfigureAwait(false);
        var bytes = body.GetBuffer().AsMemory(0, (int)body.Length);
        var number = Interlocked.Increment(ref _number);
        ledger.Enter();
        if (options.KeepReceived > 0)
        {
            Keep(context, number, route.Call, bytes.Span);
        }

        var status = 0;
        try
        {
            status = await _writer.WriteAsync(context, _native.Plan(context, route, number, bytes)).ConfigureAwait(false);
        }
        finally
        {
            // A path that names its model would make a line of statistics for each.
            ledger.Leave(route.Model is null ? context.Request.Path.Value! : route.Call.ToString(), status);
        }
    }

    private static Work? Refusal(long number, SimulatorBehaviour behaviour, ReadOnlySpan<byte> body)
    {
        using var document = JsonDocument.Parse(body.ToArray(), new JsonDocumentOptions { MaxDepth = 256 });
        return ChatRules.Check(document.RootElement) is { } broken ? Work.Error(number, behaviour, broken.Status, null, broken.Message, broken.Param) : null;
    }

    /// <summary>The path as it was sent: a model's slashes and colons are escaped in it.</summary>
    private static string RawPath(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? target : target[..question];
    }

    private void Keep(HttpContext context, long number, Call call, ReadOnlySpan<byte> body)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in context.Request.Headers)
        {
            var lower = name.ToLowerInvariant();
            headers[lower] = lower is "authorization" or "api-key" or "x-api-key" or "x-goog-api-key" or "cookie" ? SimulatorHost.Redact(value.ToString()) : value.ToString();
        }

        ledger.Keep(new ReceivedRequest(
            ledger.RequestId(number),
            context.Request.Method,
            context.Request.Path.Value + context.Request.QueryString.Value,
            headers,
            body[..Math.Min(body.Length, options.KeepBodyBytes)].ToArray()) { Call = call.ToString() });
    }
}
