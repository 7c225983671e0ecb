using System.Text;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;

namespace Gateway.Edge.Translation;

/// <summary>Follows a stream that is passed on as it is: what it used, and whether it is whole.</summary>
internal interface IStreamScan
{
    /// <summary>Bytes of generated text in the last event.</summary>
    int TextBytes { get; }

    /// <summary>True once the provider has reported usage.</summary>
    bool HasUsage { get; }

    /// <summary>Tokens by the last report.</summary>
    TokenCounts Tokens { get; }

    ScannedKind Read(in StreamFrame frame);

    /// <summary>Tells that the provider closed the stream without a terminator; true when it was whole all the same.</summary>
    bool Complete();
}

/// <summary>What an event of a stream means to who passes it on.</summary>
internal enum ScannedKind
{
    /// <summary>It goes on.</summary>
    Content,

    /// <summary>The answer is whole.</summary>
    Terminal,

    /// <summary>An error of the provider.</summary>
    Error,

    Malformed,
}

/// <summary>The scan of each dialect.</summary>
internal static class StreamScans
{
    public static IStreamScan Create(DialectId dialect) => new ReaderScan(ChatDialects.Get(dialect).CreateStreamReader());

    /// <summary>Follows a stream with the dialect's own reader.</summary>
    private sealed class ReaderScan(IChatStreamReader reader) : IStreamScan
    {
        private readonly List<ChatEvent> _events = new(8);

        public int TextBytes { get; private set; }

        public bool HasUsage { get; private set; }

        public TokenCounts Tokens { get; private set; }

        public ScannedKind Read(in StreamFrame frame)
        {
            _events.Clear();
            TextBytes = 0;
            return reader.Read(frame.EventName.Span, frame.Payload.Span, _events) ? Sum() : ScannedKind.Malformed;
        }

        public bool Complete()
        {
            _events.Clear();
            var whole = reader.Complete(_events);
            Sum();
            return whole;
        }

        private ScannedKind Sum()
        {
            var kind = ScannedKind.Content;
            foreach (var e in _events)
            {
                switch (e.Kind)
                {
                    case ChatEventKind.Usage:
                        HasUsage = true;
                        Tokens = e.Usage;
                        break;
                    case ChatEventKind.Delta when e.PartKind is not (PartKind.Audio or PartKind.Image):
                        TextBytes += e.Text is { } text ? Encoding.UTF8.GetByteCount(text) : 0;
                        break;
                    case ChatEventKind.End:
                        kind = ScannedKind.Terminal;
                        break;
                    case ChatEventKind.Error:
                        kind = ScannedKind.Error;
                        break;
                }
            }

            return kind;
        }
    }
}
