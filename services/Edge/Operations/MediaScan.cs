using Gateway.Dialects;
using Gateway.Dialects.Framing;
using Gateway.Dialects.OpenAI;
using Gateway.Edge.Translation;

namespace Gateway.Edge.Operations;

/// <summary>Follows a stream of images, speech or a transcript: whole once an event says so and the provider closes it.</summary>
internal sealed class MediaScan : IStreamScan
{
    private bool _finished;

    public int TextBytes => 0;

    public bool HasUsage { get; private set; }

    public TokenCounts Tokens { get; private set; }

    public ScannedKind Read(in StreamFrame frame)
    {
        var payload = frame.Payload.Span;
        if (payload.IsEmpty)
        {
            return ScannedKind.Content;
        }

        if (payload.SequenceEqual("[DONE]"u8))
        {
            return ScannedKind.Terminal;
        }

        if (!MediaUsage.TryRead(payload, out var read))
        {
            return ScannedKind.Malformed;
        }

        if (read.IsError || read.Type == "error")
        {
            return ScannedKind.Error;
        }

        if (read.Tokens is { } tokens)
        {
            // Of several images each has its own.
            Tokens = Tokens.Add(tokens);
            HasUsage = true;
        }

        _finished |= read.Type is { } type && (type.EndsWith(".completed", StringComparison.Ordinal) || type.EndsWith(".done", StringComparison.Ordinal));
        return ScannedKind.Content;
    }

    public bool Complete() => _finished;
}

/// <summary>Follows an answer whose bytes are what they are: whole when the provider closes it as HTTP has it.</summary>
internal sealed class RawScan : IStreamScan
{
    public int TextBytes => 0;

    public bool HasUsage => false;

    public TokenCounts Tokens => default;

    public ScannedKind Read(in StreamFrame frame) => ScannedKind.Content;

    public bool Complete() => true;
}

/// <summary>Takes the bytes of an answer as they come.</summary>
internal sealed class RawFrames : IFrameReader
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _length;

    public bool HasPartialFrame => false;

    public bool Overflowed => false;

    public bool IsMalformed => false;

    public Memory<byte> GetMemory() => _buffer;

    public void Advance(int count) => _length = count;

    public bool TryRead(out ReadOnlyMemory<byte> frame)
    {
        frame = _buffer.AsMemory(0, _length);
        _length = 0;
        return !frame.IsEmpty;
    }

    public StreamFrame Open(ReadOnlyMemory<byte> frame) => new(default, frame);

    public void Dispose()
    {
    }
}
