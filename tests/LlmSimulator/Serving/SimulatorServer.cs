using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Serving;

/// <summary>The terminal middleware: every request comes here first, and a model request goes no further.</summary>
internal sealed class SimulatorServer(SimulatorOptions options, ControlState control, Ledger ledger, Pacer pacer, CancellationToken stopping)
{
    // Plain answers are formatted here and copied by the response before the thread does anything else.
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly Models _models = new(ledger);
    private readonly ControlEndpoints _control = new(options, control, ledger);
    private readonly AnswerWriter _writer = new(ledger, pacer, stopping);
    private readonly string? _authorization = options.ApiKey is null ? null : "Bearer " + options.ApiKey;
    private long _number;

    public Task HandleAsync(HttpContext context)
    {
        Operation endpoint;
        switch (context.Request.Path.Value)
        {
            case "/v1/chat/completions": endpoint = Operation.Chat; break;
            case "/v1/completions": endpoint = Operation.Completion; break;
            case "/v1/embeddings": endpoint = Operation.Embedding; break;
            default: return _control.HandleAsync(context);
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            return _control.RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, $"Not allowed to {context.Request.Method} on {context.Request.Path}. (HINT: Perhaps you meant to make a POST request?)");
        }

        var reader = context.Request.BodyReader;
        var reading = reader.ReadAsync(CancellationToken.None);
        if (!reading.IsCompletedSuccessfully)
        {
            return ReadOnAsync(context, endpoint, reading);
        }

        var result = reading.GetAwaiter().GetResult();
        if (result.IsCompleted)
        {
            return Answer(context, endpoint, result.Buffer);
        }

        reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        return ReadOnAsync(context, endpoint, reader.ReadAsync(CancellationToken.None));
    }

    private async Task ReadOnAsync(HttpContext context, Operation endpoint, ValueTask<ReadResult> reading)
    {
        var reader = context.Request.BodyReader;
        var result = await reading.ConfigureAwait(false);
        while (!result.IsCompleted)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await Answer(context, endpoint, result.Buffer).ConfigureAwait(false);
    }

    private Task Answer(HttpContext context, Operation endpoint, ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment)
        {
            return Answer(context, endpoint, body.FirstSpan, body.End);
        }

        var whole = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(whole);
            return Answer(context, endpoint, whole.AsSpan(0, (int)body.Length), body.End);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private Task Answer(HttpContext context, Operation endpoint, ReadOnlySpan<byte> body, SequencePosition end)
    {
        var number = Interlocked.Increment(ref _number);
        ledger.Enter();
        if (options.KeepReceived > 0)
        {
            Keep(context, number, body);
        }

        Work work;
        if (_authorization is not null && context.Request.Headers.Authorization != _authorization)
        {
            work = Work.Error(number, control.Defaults, StatusCodes.Status401Unauthorized, null, null);
        }
        else
        {
            try
            {
                var scan = RequestScan.Read(body);
                if (scan.Model.IsEmpty)
                {
                    work = Work.Error(number, options.Behaviour, StatusCodes.Status400BadRequest, null, "you must provide a model parameter");
                }
                else
                {
                    var model = _models.Find(scan.Model);
                    var compiled = model.Compile(control.Next());
                    if (compiled.Template is { } template && endpoint == Operation.Chat && !scan.Stream && !(scan.MaxTokens < compiled.Result!.Pieces.Length) && !scan.HasTools)
                    {
                        var prompt = scan.PromptTokens;
                        context.Request.BodyReader.AdvanceTo(end);
                        return AnswerAtOnce(context, model, compiled.Result!, template, number, prompt);
                    }

                    work = compiled.Result is null
                        ? Work.Error(number, options.Behaviour, StatusCodes.Status400BadRequest, "simulator_knob", compiled.Error)
                        : Planner.Plan(endpoint, number, model, compiled.Result, scan, body);
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

    private Task AnswerAtOnce(HttpContext context, Model model, CompiledBehaviour compiled, PlainTemplate template, long number, int promptTokens)
    {
        var scratch = _scratch ??= new byte[4096];
        var length = template.Write(ref scratch, compiled.Behaviour.Seed, number, promptTokens);
        _scratch = scratch;
        ledger.Bill(number, model.Account, promptTokens, compiled.Pieces.Length);
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

    private void Keep(HttpContext context, long number, ReadOnlySpan<byte> body)
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
            body[..Math.Min(body.Length, options.KeepBodyBytes)].ToArray()));
    }
}
