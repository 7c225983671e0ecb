using System.Buffers;
using System.Text;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;

namespace Gateway.Edge.Translation;

/// <summary>One stream on its way from the provider's dialect into the caller's.</summary>
internal sealed class StreamTranslation(ChatExchange exchange, string secret)
{
    private readonly IChatStreamReader _reader = exchange.Provider.CreateStreamReader();
    private readonly List<ChatEvent> _events = new(8);
    private int _next;

    /// <summary>The provider's dialect.</summary>
    public DialectId Source { get; } = exchange.Provider.Id;

    public IChatStreamWriter Writer { get; } = exchange.Caller.CreateStreamWriter(exchange.Answer);

    /// <summary>Bytes of generated text so far.</summary>
    public long TextBytes { get; private set; }

    /// <summary>Tokens by the provider's last report, or null.</summary>
    public TokenCounts? Usage { get; private set; }

    /// <summary>Reads one wire event; <see cref="Write"/> takes it on.</summary>
    /// <returns>False when it is not valid.</returns>
    public bool Read(in StreamFrame frame)
    {
        Clear();
        return _reader.Read(frame.EventName.Span, frame.Payload.Span, _events);
    }

    /// <summary>Tells that the provider closed the stream; <see cref="Write"/> takes on what was still open.</summary>
    /// <returns>False when the stream was cut.</returns>
    public bool Complete()
    {
        Clear();
        return _reader.Complete(_events);
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
                    Writer.WriteError(ErrorTranslation.Foreign(e.Error!, secret), output);
                    _next = _events.Count;
                    return StreamProgress.Error;
                case ChatEventKind.Usage:
                    Usage = e.Usage;
                    break;
                case ChatEventKind.Delta when e.PartKind is not (PartKind.Audio or PartKind.Image):
                    TextBytes += e.Text is { } text ? Encoding.UTF8.GetByteCount(text) : 0;
                    break;
            }

            Writer.Write(e, output);
            _next++;
        }

        return StreamProgress.Continue;
    }

    private void Clear()
    {
        _events.Clear();
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
