using System.Buffers;
using System.Text;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Tools;

/// <summary>
/// One stream over all turns of a loop, in the caller's dialect: what the model says goes out as it comes, calls of the hub's tools are kept back until it is known whether they are run, and usage
/// is what all turns used together.
/// </summary>
internal sealed class StreamedAnswer : IAgentOutput
{
    private readonly RequestContext _context;
    private readonly AgentRun _run;
    private readonly IChatDialect _dialect;
    private readonly IChatStreamWriter _writer;
    private readonly KeepAlive _keepAlive;
    private readonly List<ChatEvent> _read = new(8);
    private readonly List<ChatEvent> _held = [];
    private readonly Dictionary<int, int> _parts = [];
    private TokenCounts _before;
    private TokenCounts _turn;
    private ChatEvent? _finish;
    private AnswerAssembler _assembler = null!;
    private bool _hasBegun;
    private bool _hasStart;
    private bool _hasText;
    private bool _handsBack;
    private bool _isWhole;
    private bool _hasUsage;
    private bool _hasNewText;
    private int _nextPart;

    public StreamedAnswer(RequestContext context, TimeProvider time)
    {
        (_context, _run) = (context, context.Agent!);
        _dialect = ChatDialects.Get(context.Operation.Dialect);
        _writer = _dialect.CreateStreamWriter(ChatExchange.AnswerContextFor(context, time.GetUtcNow(), _run.Body.Request));
        _keepAlive = new KeepAlive(context.Operation.Dialect, context.WantsJsonArray, KeepAliveSettings.Default with { Silence = TimeSpan.Zero }, time);
    }

    public async ValueTask<TurnEnd> TakeAsync(TurnHttp turn)
    {
        await turn.StartAsync().ConfigureAwait(false);
        if (turn.Context.Response.StatusCode != StatusCodes.Status200OK)
        {
            await RefusedAsync(turn, await turn.ReadAllAsync().ConfigureAwait(false)).ConfigureAwait(false);
            return TurnEnd.Failed;
        }

        if (!_hasBegun)
        {
            AnswerHead.Copy(turn.Context.Response, _context);
            Begin();
        }

        (_assembler, _finish, _handsBack, _isWhole, _hasNewText) = (new AnswerAssembler(_dialect.Id), null, false, false, false);
        (_before, _turn) = (_before.Add(_turn), default);
        _parts.Clear();
        // Calls that are still held were run.
        _held.Clear();
        if (!await ReadAsync(turn).ConfigureAwait(false))
        {
            return TurnEnd.Failed;
        }

        var answer = _assembler.Build();
        return answer.Choices.Count == 0 ? new TurnEnd(new ChatMessage(ChatRole.Assistant), []) : TurnEnd.Of(answer.Choices[0], _run);
    }

    public async ValueTask KeepAliveAsync()
    {
        if (_hasBegun)
        {
            _keepAlive.Silent(Output);
            await FlushAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask EndAsync()
    {
        Release();
        await CloseAsync(_finish ?? new ChatEvent { Kind = ChatEventKind.Finish, Finish = FinishReason.Other }).ConfigureAwait(false);
    }

    public async ValueTask HandBackAsync(IReadOnlyList<ToolCallPart> calls)
    {
        Begin();
        var answer = new ChatAnswer { Origin = _dialect.Id, Model = _context.ModelName };
        var choice = new ChatChoice { Finish = FinishReason.ToolCalls };
        choice.Parts.AddRange(calls);
        answer.Choices.Add(choice);
        foreach (var e in AnswerPlayer.Play(answer).Where(static e => e.Kind is not (ChatEventKind.Finish or ChatEventKind.End)))
        {
            _writer.Write(e, Output);
        }

        await CloseAsync(new ChatEvent { Kind = ChatEventKind.Finish, Finish = FinishReason.ToolCalls }).ConfigureAwait(false);
    }

    private System.IO.Pipelines.PipeWriter Output => _context.Http.Response.BodyWriter;

    private void Begin()
    {
        var response = _context.Http.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = _writer.ContentType;
        response.Headers["x-accel-buffering"] = "no";
        response.Headers.CacheControl = "no-cache";
        response.Headers[GatewayHeaders.RequestId] = _context.Http.TraceIdentifier;
        response.Headers[GatewayHeaders.Agent] = "on";
        _hasBegun = true;
    }

    /// <summary>Reads the stream of a turn to its end.</summary>
    /// <returns>False when it did not come to one, and the caller has been told.</returns>
    private async ValueTask<bool> ReadAsync(TurnHttp turn)
    {
        using IFrameReader frames = _dialect.Id == DialectId.BedrockConverse ? new EventStreamFrameReader() : new SseFrameReader();
        var reader = _dialect.CreateStreamReader();
        while (true)
        {
            var read = await turn.Reader.ReadAsync(_context.Http.RequestAborted).ConfigureAwait(false);
            var isGood = true;
            foreach (var piece in read.Buffer)
            {
                isGood = isGood && Feed(frames, reader, piece);
            }

            turn.Reader.AdvanceTo(read.Buffer.End);
            await FlushAsync().ConfigureAwait(false);
            if (_assembler.Error is { } error)
            {
                await BreakAsync(error, turn.IsAborted || !StreamErrors.EndsInOrder(_dialect.Id)).ConfigureAwait(false);
                return false;
            }

            if (read.IsCompleted || !isGood)
            {
                if (isGood && !_isWhole && !frames.HasPartialFrame && reader.Complete(_read))
                {
                    TakeEvents();
                }

                if (_isWhole)
                {
                    return true;
                }

                await BreakAsync(new ChatError { Status = StatusCodes.Status502BadGateway, Kind = ChatErrorKind.Api, Message = "The answer of this turn broke off." }, breaksOff: true).ConfigureAwait(false);
                return false;
            }
        }
    }

    private bool Feed(IFrameReader frames, IChatStreamReader reader, ReadOnlyMemory<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            var room = frames.GetMemory();
            var count = Math.Min(room.Length, piece.Length);
            piece[..count].CopyTo(room);
            piece = piece[count..];
            frames.Advance(count);
            while (frames.TryRead(out var frame))
            {
                var opened = frames.Open(frame);
                if (opened.Payload.IsEmpty && opened.EventName.IsEmpty)
                {
                    continue;
                }

                if (!reader.Read(opened.EventName.Span, opened.Payload.Span, _read))
                {
                    return false;
                }

                TakeEvents();
            }

            if (frames.IsMalformed || frames.Overflowed)
            {
                return false;
            }
        }

        return true;
    }

    private void TakeEvents()
    {
        foreach (var e in _read)
        {
            Take(e);
        }

        _read.Clear();
    }

    private void Take(in ChatEvent e)
    {
        _assembler.Add(e);
        switch (e.Kind)
        {
            case ChatEventKind.Start when !_hasStart:
                _hasStart = true;
                _writer.Write(e, Output);
                break;
            case ChatEventKind.PartStart or ChatEventKind.Delta or ChatEventKind.PartEnd:
                TakePart(e);
                break;
            case ChatEventKind.Usage:
                (_turn, _hasUsage) = (e.Usage, true);
                if (_finish is null)
                {
                    _writer.Write(e with { Usage = _before.Add(_turn) }, Output);
                }

                break;
            case ChatEventKind.Finish:
                _finish = e;
                break;
            case ChatEventKind.End:
                _isWhole = true;
                break;
        }
    }

    private void TakePart(in ChatEvent e)
    {
        if (e.PartKind == PartKind.ToolCall && !_handsBack)
        {
            if (e.Kind != ChatEventKind.PartStart || _run.Tools.ContainsKey(e.Name ?? ""))
            {
                _held.Add(e);
                return;
            }

            // A call of the caller's own: the turn is his, with all its calls.
            Release();
            _handsBack = true;
        }

        Pass(e);
    }

    private void Pass(in ChatEvent e)
    {
        if (!_parts.TryGetValue(e.Part, out var part))
        {
            _parts[e.Part] = part = _nextPart++;
        }

        var here = e with { Part = part };
        if (e is { PartKind: PartKind.Text, Kind: ChatEventKind.Delta, Text.Length: > 0 })
        {
            here = !_hasNewText && _hasText && Joins.Needs(_dialect.Id) ? here with { Text = Joins.Between + e.Text } : here;
            (_hasNewText, _hasText) = (true, true);
        }

        _writer.Write(here, Output);
        _keepAlive.Wrote();
    }

    private void Release()
    {
        foreach (var e in _held)
        {
            Pass(e);
        }

        _held.Clear();
    }

    private async ValueTask CloseAsync(ChatEvent finish)
    {
        if (_writer.ContentType.StartsWith("text/event-stream", StringComparison.Ordinal))
        {
            Output.Write(Encoding.UTF8.GetBytes($": {GatewayHeaders.Agent} {_run.Summary}\n\n"));
        }

        _writer.Write(finish, Output);
        if (_hasUsage)
        {
            _writer.Write(new ChatEvent { Kind = ChatEventKind.Usage, Usage = _before.Add(_turn) }, Output);
        }

        _writer.Write(new ChatEvent { Kind = ChatEventKind.End }, Output);
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>A turn that was refused: the first as it is, a later one as the last event of the stream.</summary>
    private async ValueTask RefusedAsync(TurnHttp turn, ReadOnlyMemory<byte> body)
    {
        _run.Stop = "error";
        if (!_hasBegun)
        {
            AnswerHead.Copy(turn.Context.Response, _context);
            _context.Http.Response.Headers[GatewayHeaders.Agent] = _run.Summary;
            _context.Http.Response.ContentLength = body.Length;
            Output.Write(body.Span);
            await FlushAsync().ConfigureAwait(false);
            return;
        }

        await BreakAsync(_dialect.ReadError(turn.Context.Response.StatusCode, body), !StreamErrors.EndsInOrder(_context)).ConfigureAwait(false);
    }

    private async ValueTask BreakAsync(ChatError error, bool breaksOff)
    {
        _run.Stop = "error";
        _writer.WriteError(error, Output);
        await FlushAsync().ConfigureAwait(false);
        if (breaksOff)
        {
            _context.Http.Abort();
        }
    }

    private async ValueTask FlushAsync()
    {
        if ((await Output.FlushAsync(_context.Http.RequestAborted).ConfigureAwait(false)).IsCompleted)
        {
            throw new OperationCanceledException(_context.Http.RequestAborted);
        }
    }
}
