using System.Text;
using Gateway.Dialects;
using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Cohere;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.Responses;

namespace Gateway.Edge.Translation;

/// <summary>The scan of each dialect: cheap where the dialect has one of its own, else by its reader.</summary>
internal static class StreamScans
{
    /// <param name="dialect">The stream's dialect.</param>
    /// <param name="choices">Choices asked for.</param>
    public static IStreamScan Create(DialectId dialect, int choices) => dialect switch
    {
        DialectId.Anthropic => new AnthropicScan(),
        DialectId.OpenAIResponses => new ResponsesScan(),
        // With several candidates the stream is whole only when each has finished, which takes more than a look at single events.
        DialectId.Gemini when choices == 1 => new GeminiScan(),
        DialectId.BedrockConverse => new ConverseScan(),
        DialectId.Cohere => new CohereScan(),
        _ => new ReaderScan(ChatDialects.Get(dialect).CreateStreamReader()),
    };

    private sealed class AnthropicScan : IStreamScan
    {
        private AnthropicStreamScan _scan;

        public int TextBytes => _scan.TextBytes;

        public bool HasUsage => _scan.HasUsage;

        public TokenCounts Tokens => _scan.Tokens;

        public ScannedKind Read(in StreamFrame frame) => _scan.Read(frame.Payload.Span) switch
        {
            AnthropicEventKind.Terminal => ScannedKind.Terminal,
            AnthropicEventKind.Error => ScannedKind.Error,
            AnthropicEventKind.Malformed => ScannedKind.Malformed,
            _ => ScannedKind.Content,
        };

        public bool Complete() => false;
    }

    private sealed class ResponsesScan : IStreamScan
    {
        public int TextBytes { get; private set; }

        public bool HasUsage { get; private set; }

        public TokenCounts Tokens { get; private set; }

        public ScannedKind Read(in StreamFrame frame)
        {
            var scan = ResponsesStreamScan.Read(frame.EventName.Span, frame.Payload.Span);
            TextBytes = scan.TextBytes;
            if (scan.HasUsage)
            {
                (HasUsage, Tokens) = (true, scan.Tokens);
            }

            return scan.Kind switch
            {
                ResponsesEventKind.Completed or ResponsesEventKind.Incomplete => ScannedKind.Terminal,
                ResponsesEventKind.Error => ScannedKind.Error,
                ResponsesEventKind.Malformed => ScannedKind.Malformed,
                _ => ScannedKind.Content,
            };
        }

        public bool Complete() => false;
    }

    private sealed class GeminiScan : IStreamScan
    {
        private bool _finished;
        private int _searches;

        public int TextBytes { get; private set; }

        public bool HasUsage { get; private set; }

        public TokenCounts Tokens { get; private set; }

        public ScannedKind Read(in StreamFrame frame)
        {
            var scan = GeminiStreamScan.Read(frame.Payload.Span);
            TextBytes = scan.TextBytes;
            if (scan.HasUsage)
            {
                (HasUsage, Tokens) = (true, scan.Tokens);
            }

            // Which event lists the searches is the provider's to choose.
            _searches = Math.Max(_searches, scan.WebSearches);
            if (HasUsage && _searches > 0)
            {
                Tokens = Tokens with { WebSearches = _searches };
            }

            _finished |= scan.Kind == GeminiEventKind.Finish;
            return scan.Kind switch
            {
                GeminiEventKind.Error => ScannedKind.Error,
                GeminiEventKind.Malformed => ScannedKind.Malformed,
                _ => ScannedKind.Content,
            };
        }

        public bool Complete()
        {
            TextBytes = 0;
            return _finished;
        }
    }

    private sealed class ConverseScan : IStreamScan
    {
        private ConverseStreamScan _scan;

        public int TextBytes => _scan.TextBytes;

        public bool HasUsage => _scan.HasUsage;

        public TokenCounts Tokens => _scan.Tokens;

        public ScannedKind Read(in StreamFrame frame) => _scan.Read(frame.EventName.Span, frame.Payload.Span) switch
        {
            ConverseEventKind.Error => ScannedKind.Error,
            ConverseEventKind.Malformed => ScannedKind.Malformed,
            _ => ScannedKind.Content,
        };

        // Metadata with the usage follows the end of the message: only the close of the stream ends it.
        public bool Complete() => _scan.IsWhole;
    }

    private sealed class CohereScan : IStreamScan
    {
        public int TextBytes { get; private set; }

        public bool HasUsage { get; private set; }

        public TokenCounts Tokens { get; private set; }

        public ScannedKind Read(in StreamFrame frame)
        {
            var scan = CohereStreamScan.Read(frame.Payload.Span);
            TextBytes = scan.TextBytes;
            if (scan.HasUsage)
            {
                (HasUsage, Tokens) = (true, scan.Tokens);
            }

            return scan.Kind switch
            {
                CohereEventKind.End => ScannedKind.Terminal,
                CohereEventKind.Error => ScannedKind.Error,
                CohereEventKind.Malformed => ScannedKind.Malformed,
                _ => ScannedKind.Content,
            };
        }

        public bool Complete() => false;
    }

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
