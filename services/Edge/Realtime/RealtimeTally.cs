using Gateway.Dialects;

namespace Gateway.Edge.Realtime;

/// <summary>What the responses of a session have used.</summary>
internal sealed class RealtimeTally
{
    private long _sentBytes;
    private bool _isLeft;
    private bool _isPending;
    private TokenCounts _tokens;

    /// <summary>What was reported so far.</summary>
    public TokenCounts Tokens => _tokens;

    /// <summary>True while a response is being made.</summary>
    public bool IsPending { get => Volatile.Read(ref _isPending); private set => Volatile.Write(ref _isPending, value); }

    /// <summary>True once the caller has left; then only the response that is being made is waited for.</summary>
    public bool IsLeft { get => Volatile.Read(ref _isLeft); set => Volatile.Write(ref _isLeft, value); }

    /// <summary>Pieces of the response being made.</summary>
    public long Deltas { get; private set; }

    /// <summary>Bytes the caller has sent since the last response, audio apart.</summary>
    public long SentBytes => Interlocked.Read(ref _sentBytes);

    /// <summary>Notes a message of the caller.</summary>
    public void Sent(ReadOnlySpan<byte> message)
    {
        if (message.IndexOf("input_audio_buffer"u8) < 0)
        {
            Interlocked.Add(ref _sentBytes, message.Length);
        }
    }

    /// <summary>Notes a message of the provider.</summary>
    /// <returns>True when it reported usage.</returns>
    public bool Received(ReadOnlyMemory<byte> message)
    {
        var span = message.Span;
        if (span.IndexOf("\"response.created\""u8) >= 0)
        {
            IsPending = true;
            return false;
        }

        if (span.IndexOf(".delta\""u8) >= 0)
        {
            Deltas++;
            return false;
        }

        if (span.IndexOf("\"response.done\""u8) < 0)
        {
            return false;
        }

        IsPending = false;
        Deltas = 0;
        Interlocked.Exchange(ref _sentBytes, 0);
        if (RealtimeUsage.Read(message) is not { } usage)
        {
            return false;
        }

        _tokens = _tokens.Add(usage);
        return true;
    }
}
