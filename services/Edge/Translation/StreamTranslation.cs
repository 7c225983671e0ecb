using System.Buffers;
using System.Text;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Edge.Continuation;
using Gateway.Edge.Guarding.Output;
using Gateway.Edge.StoredObjects;

namespace Gateway.Edge.Translation;

/// <summary>One stream on its way from the provider's dialect into the caller's.</summary>
/// <param name="exchange">Who speaks which dialect.</param>
/// <param name="secret">The provider's credential, which no error may tell.</param>
/// <param name="legs">Keeps what another provider needs to go on with the stream, or null.</param>
/// <param name="guard">Looks at what passes, or null.</param>
/// <param name="collector">Collects the answer for services that are asked about the whole of it, or null.</param>
/// <param name="ids">Puts the gateway's id of a stored response in the place of the provider's, or null.</param>
internal sealed class StreamTranslation(
    ChatExchange exchange, string secret, StreamLegs? legs = null, EventGuard? guard = null, AnswerCollector? collector = null, ResponseIds? ids = null)
{
    private readonly List<ChatEvent> _events = new(8);
    private readonly List<ChatEvent> _read = new(8);
    private readonly List<ChatEvent> _legged = [];
    private IChatStreamReader _reader = exchange.Provider.CreateStreamReader();
    private string _secret = secret;
    private int _next;
    private bool _hasText;

    /// <summary>The provider's dialect.</summary>
    public DialectId Source { get; private set; } = exchange.Provider.Id;

    public IChatStreamWriter Writer { get; } = exchange.Caller.CreateStreamWriter(exchange.Answer);

    /// <summary>What another provider needs to go on with the stream, or null.</summary>
    public StreamLegs? Legs { get; } = legs;

    /// <summary>Looks at what passes, or null.</summary>
    public EventGuard? Guard { get; } = guard;

    /// <summary>Collects the answer for services that are asked about the whole of it, or null.</summary>
    public AnswerCollector? Collector { get; } = collector;

    /// <summary>Bytes of generated text so far, of the provider that answers now.</summary>
    public long TextBytes { get; private set; }

    /// <summary>Of them those that came after the provider's last report of usage.</summary>
    public long UncountedBytes { get; private set; }

    /// <summary>True when what was read last has no text, or the end of the answer with it.</summary>
    public bool IsEnding => !_hasText || _events.Exists(static e => e.Kind is ChatEventKind.Finish or ChatEventKind.End);

    /// <summary>Tokens by the provider's last report, or null.</summary>
    public TokenCounts? Usage { get; private set; }

    /// <summary>Reads one wire event; <see cref="Write"/> takes it on.</summary>
    /// <returns>False when it is not valid.</returns>
    public bool Read(in StreamFrame frame)
    {
        Clear();
        var target = IsDirect ? _events : _read;
        var valid = _reader.Read(frame.EventName.Span, frame.Payload.Span, target);
        Note(target);
        PassOn();
        return valid;
    }

    /// <summary>Tells that the provider closed the stream; <see cref="Write"/> takes on what was still open.</summary>
    /// <returns>False when the stream was cut.</returns>
    public bool Complete()
    {
        Clear();
        var target = IsDirect ? _events : _read;
        var whole = _reader.Complete(target);
        Note(target);
        if (Legs is null || whole || target.Exists(static e => e.Kind == ChatEventKind.Finish))
        {
            // An answer that has come to its end is not to be continued, though its stream may lack its terminator.
            PassOn();
        }

        return whole;
    }

    /// <summary>Tells that the stream broke off. Only where there are <see cref="Legs"/>: what was still open stays open, unless the answer had come to its end.</summary>
    public void Break()
    {
        if (!Legs!.IsFinished)
        {
            Complete();
            Clear();
        }
    }

    /// <summary>Goes on with the stream of another provider.</summary>
    /// <param name="next">That provider's stream.</param>
    /// <param name="used">What this one has used.</param>
    /// <param name="prefilled">True when the model goes on with the text itself.</param>
    public void GoOn(StreamTranslation next, in TokenCounts used, bool prefilled)
    {
        (_reader, _secret, Source) = (next._reader, next._secret, next.Source);
        (TextBytes, UncountedBytes, Usage) = (0, 0, null);
        Clear();
        Legs!.Begin(used, prefilled);
    }

    /// <summary>
    /// Writes what was read. Stops before the event that ends the answer, so that the request can settle before its last byte leaves: then it is to be called again.
    /// </summary>
    /// <returns>How the answer goes on.</returns>
    public StreamProgress Write(IBufferWriter<byte> output, bool afterSettling = false)
    {
        while (_next < _events.Count)
        {
            var e = _events[_next];
            switch (e.Kind)
            {
                case ChatEventKind.End when !afterSettling:
                    return StreamProgress.End;
                case ChatEventKind.End:
                    Writer.Write(e, output);
                    _next = _events.Count;
                    return StreamProgress.End;
                case ChatEventKind.Error:
                    Writer.WriteError(ErrorTranslation.Foreign(e.Error!, _secret), output);
                    _next = _events.Count;
                    return StreamProgress.Error;
            }

            Writer.Write(e, output);
            _next++;
        }

        return StreamProgress.Continue;
    }

    private void Note(List<ChatEvent> events)
    {
        _hasText = false;
        foreach (var e in events)
        {
            if (e.Kind == ChatEventKind.Usage)
            {
                Usage = e.Usage;
                UncountedBytes = 0;
            }
            else if (e is { Kind: ChatEventKind.Delta, Text: { } text, PartKind: not (PartKind.Audio or PartKind.Image) })
            {
                var bytes = Encoding.UTF8.GetByteCount(text);
                TextBytes += bytes;
                _hasText |= bytes > 0;
                UncountedBytes += bytes;
            }
        }
    }

    private bool IsDirect => Legs is null && Guard is null && ids is null;

    /// <summary>Takes what was read through the stages between reader and writer.</summary>
    private void PassOn()
    {
        if (IsDirect)
        {
            return;
        }

        _legged.Clear();
        foreach (var e in _read)
        {
            var named = ids is not null && e is { Kind: ChatEventKind.Start, Id: { } id } ? e with { Id = ids.Wrapped(id) } : e;
            if (Legs is { } legs)
            {
                legs.Pass(named, _legged);
            }
            else
            {
                _legged.Add(named);
            }
        }

        foreach (var e in _legged)
        {
            if (Collector is not null)
            {
                Collector.Add(e, _events);
            }
            else if (Guard is not null)
            {
                Guard.Pass(e, _events);
            }
            else
            {
                _events.Add(e);
            }
        }
    }

    /// <summary>Goes on with an answer that was collected and decided on.</summary>
    public void Release(IEnumerable<ChatEvent> events)
    {
        _events.Clear();
        _next = 0;
        foreach (var e in events)
        {
            Guard!.Pass(e, _events);
        }
    }

    /// <summary>Writes what was used, for an answer that a rule ended before the provider told.</summary>
    public void WriteUsage(in TokenCounts tokens, IBufferWriter<byte> output) => Writer.Write(new ChatEvent { Kind = ChatEventKind.Usage, Usage = tokens }, output);

    private void Clear()
    {
        _events.Clear();
        _read.Clear();
        _next = 0;
    }
}

/// <summary>How a stream goes on after an event.</summary>
internal enum StreamProgress
{
    Continue,

    /// <summary>The answer is whole.</summary>
    End,

    /// <summary>The provider told an error, which was passed on.</summary>
    Error,
}
