using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.OpenAI.Compatible;
using Gateway.Dialects.Sse;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Upstream;

/// <content>Reads what the provider answered, in whatever form it came.</content>
internal sealed partial class UpstreamAttempt
{
    private async ValueTask<UpstreamFault?> ReadErrorAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        if (Status < 400)
        {
            // A redirect would carry the prompt and the credential to wherever it points.
            return new UpstreamFault(GatewayError.UpstreamInvalid, "redirect refused", false);
        }

        _answer.Body = await ResponseBodyReader.ReadAsync(response, deadline, Timeouts.IdleMs).ConfigureAwait(false);
        Outcome = RequestOutcome.UpstreamError;
        return null;
    }

    private ValueTask<UpstreamFault?> ReadAnswerAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        Engaged = true;
        if (_call is { } call)
        {
            return ReadOperationAsync(response, call, deadline);
        }

        var mediaType = UpstreamFault.MediaType(response.Content.Headers);
        var isJson = mediaType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase);
        var isEvents = mediaType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);
        if (!context.Envelope.Stream)
        {
            return isEvents ? CollectAsync(response, deadline) : ReadPlainAsync(response, deadline);
        }

        var framing = Deployment.Provider.Adapter.Framing(Target);
        var isStream = framing switch
        {
            StreamFraming.ServerSentEvents => isEvents,
            StreamFraming.EventStream => mediaType.StartsWith("application/vnd.amazon.eventstream", StringComparison.OrdinalIgnoreCase),
            StreamFraming.JsonLines => !isEvents && mediaType.Contains("json", StringComparison.OrdinalIgnoreCase),
            _ => isJson,
        };
        return isStream ? BeginStreamAsync(response, framing, deadline)
            : isEvents ? BeginStreamAsync(response, StreamFraming.ServerSentEvents, deadline)
            : isJson ? PlayAsync(response, deadline)
            : new(new UpstreamFault(GatewayError.UpstreamInvalid, "a stream was asked for and something else came", true));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamFault?> ReadPlainAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        _answer.Body = await ResponseBodyReader.ReadAsync(response, deadline, Timeouts.IdleMs).ConfigureAwait(false);
        return _exchange is not null ? Translate(_exchange, asStream: false)
            : Dialect is not (DialectId.OpenAIChat or DialectId.OpenAICompletions) ? CheckForeign()
            : CheckOpenAI();
    }

    private UpstreamFault? CheckOpenAI()
    {
        if (Normalisation.AppliesTo(Deployment.Provider.Entry, context.Operation, Dialect) && !AnswerNormaliser.Conforms(_answer.Body.Span))
        {
            Normalise();
        }

        var usage = UsageReader.ReadAnswer(_answer.Body.Span, out _tokens.Counts);
        if (usage == AnswerUsage.NotAnAnswer)
        {
            return new UpstreamFault(GatewayError.UpstreamInvalid, "the answer is not a JSON object", true);
        }

        HasUsage = usage == AnswerUsage.Found;
        OutputTextBytes = HasUsage ? 0 : _answer.Body.Length;
        Outcome = RequestOutcome.Completed;
        return null;
    }

    private void Normalise()
    {
        using var output = new PooledBodyWriter(_answer.Body.Length + 256);
        if (Normalisation.Start(context, time.GetUtcNow()).TryNormalise(_answer.Body.Span, output))
        {
            _answer.Body.Return();
            _answer.Body = output.Detach();
        }
    }

    /// <summary>Takes the usage out of an answer that is passed on as it is. One that cannot be read is passed on too, as long as it is JSON.</summary>
    private UpstreamFault? CheckForeign()
    {
        if (AnswerUsages.Read(Dialect, _answer.Body.Span, out _tokens.Counts) == AnswerUsage.Found)
        {
            HasUsage = true;
            Outcome = RequestOutcome.Completed;
            return null;
        }

        // Without a report the tokens are estimated by the text, which only the answer as such tells.
        if (!ChatDialects.Get(Dialect).TryReadAnswer(_answer.Body.Memory, out var answer))
        {
            return CheckOpenAI();
        }

        // One that tells of a failure with status 200 passes too: its caller's client knows that form, and the bytes are the provider's.
        Take(answer);
        return null;
    }

    /// <summary>Puts the provider's whole answer into the form that the caller asked for.</summary>
    private UpstreamFault? Translate(ChatExchange exchange, bool asStream)
    {
        if (!exchange.Provider.TryReadAnswer(_answer.Body.Memory, out var answer))
        {
            return new UpstreamFault(GatewayError.UpstreamInvalid, "the answer is not one of the provider's dialect", true);
        }

        if (answer.Error is { } error)
        {
            RefuseWith(error, default);
            return null;
        }

        Replace(exchange, answer, asStream);
        return null;
    }

    private void Replace(ChatExchange exchange, ChatAnswer answer, bool asStream)
    {
        Take(answer);
        var body = AnswerTranslation.Write(exchange, answer, asStream, out var contentType);
        _answer.Body.Return();
        _answer.Body = body;
        var isGuarded = EventGuard.AppliesTo(context);
        _answer.Form = new AnswerForm
        {
            IsRewritten = true, ContentType = contentType ?? AnswerForm.Json, IsPlayed = asStream, Whole = isGuarded ? answer : null, Exchange = isGuarded ? exchange : null,
        };
    }

    private void Take(ChatAnswer answer)
    {
        HasUsage = answer.Usage is not null;
        _tokens.Counts = answer.Usage ?? default;
        OutputTextBytes = HasUsage ? 0 : AnswerTranslation.TextBytes(answer);
        Outcome = RequestOutcome.Completed;
    }

    /// <summary>A whole answer came where a stream was asked for: the caller gets it as one.</summary>
    private async ValueTask<UpstreamFault?> PlayAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        _answer.Body = await ResponseBodyReader.ReadAsync(response, deadline, Timeouts.IdleMs).ConfigureAwait(false);
        return Translate(_exchange ?? ChatExchange.ForAnswer(context, Dialect, time.GetUtcNow()), asStream: true);
    }

    /// <summary>A stream came where a whole answer was asked for: the caller gets it in one piece.</summary>
    private async ValueTask<UpstreamFault?> CollectAsync(HttpResponseMessage response, CallDeadline deadline)
    {
        var exchange = _exchange ?? ChatExchange.ForAnswer(context, Dialect, time.GetUtcNow());
        var reader = exchange.Provider.CreateStreamReader();
        var assembler = new AnswerAssembler(Dialect);
        var events = new List<ChatEvent>(8);
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        using var source = new StreamSource(stream, new SseFrameReader(), deadline, Timeouts.IdleMs);
        while (!assembler.IsComplete && assembler.Error is null && await source.FillAsync().ConfigureAwait(false))
        {
            while (source.TryTake(out var frame))
            {
                var opened = source.Open(frame);
                if (!reader.Read(opened.EventName.Span, opened.Payload.Span, events))
                {
                    return new UpstreamFault(GatewayError.UpstreamInvalid, "an event of the stream is not valid", true);
                }

                Assemble(events, assembler);
                if (assembler.Length > ResponseBodyReader.MaxBytes)
                {
                    throw new ResponseTooLargeException();
                }
            }
        }

        if (!assembler.IsComplete && assembler.Error is null && reader.Complete(events))
        {
            Assemble(events, assembler);
        }

        if (assembler.Error is { } error)
        {
            RefuseWith(error, default);
            return null;
        }

        if (!assembler.IsComplete)
        {
            return new UpstreamFault(GatewayError.UpstreamCut, "the answer was cut", true);
        }

        Replace(exchange, assembler.Build(), asStream: false);
        return null;
    }

    private static void Assemble(List<ChatEvent> events, AnswerAssembler assembler)
    {
        foreach (var e in events)
        {
            assembler.Add(e);
        }

        events.Clear();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UpstreamFault?> BeginStreamAsync(HttpResponseMessage response, StreamFraming framing, CallDeadline deadline)
    {
        deadline.EndWith(drain.Deadline);
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        var source = new StreamSource(stream, Frames(framing), deadline, Timeouts.IdleMs);
        _answer.Stream = source;
        _answer.Form = AnswerForm.ForStream(context, Deployment, Dialect, _exchange, time.GetUtcNow());
        if (!await source.FillAsync().ConfigureAwait(false))
        {
            return source.IsMalformed ? new UpstreamFault(GatewayError.UpstreamInvalid, "the stream is not in the provider's framing", true)
                : new UpstreamFault(GatewayError.UpstreamCut, source.HasPartialFrame ? "the stream was cut in its first event" : "the stream ended before its first event", true);
        }

        deadline.EndLimit();
        return CheckFirst(source.Open(source.Peek()));
    }

    /// <summary>A stream that begins with an error is an error answer: nothing of it has been seen yet, so that another deployment may answer.</summary>
    private UpstreamFault? CheckFirst(in StreamFrame first)
    {
        if (Dialect is DialectId.OpenAIChat or DialectId.OpenAICompletions)
        {
            var kind = StreamChunk.Read(first.Payload.Span).Kind;
            if (kind == StreamChunkKind.Malformed)
            {
                return new UpstreamFault(GatewayError.UpstreamInvalid, "the first event of the stream is not valid JSON", true);
            }

            if (kind != StreamChunkKind.Error)
            {
                return null;
            }
        }
        else if (!MayBeError(first))
        {
            return null;
        }

        // OpenAI's older completions tell errors as its chat does.
        var events = new List<ChatEvent>(2);
        var reader = ChatDialects.Get(Dialect == DialectId.OpenAICompletions ? DialectId.OpenAIChat : Dialect).CreateStreamReader();
        if (!reader.Read(first.EventName.Span, first.Payload.Span, events))
        {
            return new UpstreamFault(GatewayError.UpstreamInvalid, "the first event of the stream is not valid", true);
        }

        foreach (var e in events)
        {
            if (e.Kind == ChatEventKind.Error)
            {
                RefuseWith(e.Error!, first.Payload);
                break;
            }
        }

        return null;
    }

    private static bool MayBeError(in StreamFrame frame) =>
        frame.Payload.Span.IndexOf("error"u8) >= 0 || frame.EventName.Span.IndexOf("error"u8) >= 0 || frame.EventName.Span.IndexOf("xception"u8) >= 0
        || frame.Payload.Span.IndexOf("response.failed"u8) >= 0;

    private void RefuseWith(ChatError error, ReadOnlyMemory<byte> payload)
    {
        var status = error.Status is >= 400 and < 600 ? error.Status : StatusCodes.Status502BadGateway;
        using var body = new PooledBodyWriter(512);
        if (!payload.IsEmpty && Dialect is DialectId.OpenAIChat or DialectId.OpenAICompletions or DialectId.Anthropic or DialectId.Gemini)
        {
            // In these dialects the event is what the body of an error answer would be.
            body.Write(payload.Span);
        }
        else
        {
            ChatDialects.Get(Dialect).WriteError(error with { Status = status }, body);
        }

        _answer.Stream?.Dispose();
        _answer.Stream = null;
        _answer.Body.Return();
        _answer.Body = body.Detach();
        _answer.Form = new AnswerForm { ContentType = AnswerForm.Json };
        _errorStatus = status;
        Outcome = RequestOutcome.UpstreamError;
    }

    private static IFrameReader Frames(StreamFraming framing) => framing switch
    {
        StreamFraming.EventStream => new EventStreamFrameReader(),
        StreamFraming.JsonArray or StreamFraming.JsonLines => new JsonFrameReader(),
        _ => new SseFrameReader(),
    };
}
