using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Gateway.Edge.Realtime;

/// <summary>What a receive brought.</summary>
internal enum RealtimeReceived
{
    Message,
    Closed,
    TooLarge,

    /// <summary>The connection is gone.</summary>
    Lost,
}

/// <summary>One side of a session: whole messages, one being received and one being sent at a time. Losses are values.</summary>
internal sealed class RealtimeSide(WebSocket socket) : IDisposable
{
    /// <summary>Largest message: room for the 15 MiB of audio that the API allows.</summary>
    public const int MaxMessageBytes = 16 * 1024 * 1024;

    private const int MaxReasonBytes = 123;
    private const int FirstBytes = 16 * 1024;

    private readonly SemaphoreSlim _sending = new(1, 1);
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _length;

    /// <summary>The message received last; valid until the next receive.</summary>
    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _length);

    public WebSocketMessageType Type { get; private set; }

    public bool IsText => Type == WebSocketMessageType.Text;

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public string? CloseReason => socket.CloseStatusDescription;

    public async ValueTask<RealtimeReceived> ReceiveAsync(CancellationToken cancellationToken)
    {
        _length = 0;
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return RealtimeReceived.Closed;
                }

                _length += received.Count;
                Type = received.MessageType;
                if (received.EndOfMessage)
                {
                    return RealtimeReceived.Message;
                }

                if (_length == _buffer.Length && !TryGrow())
                {
                    return RealtimeReceived.TooLarge;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            return RealtimeReceived.Lost;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <returns>False when the side cannot be reached any more.</returns>
    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellationToken)
    {
        try
        {
            await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        try
        {
            if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            {
                return false;
            }

            await socket.SendAsync(message, type, endOfMessage: true, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Says that nothing more will come.</summary>
    public async ValueTask CloseAsync(WebSocketCloseStatus status, string? reason, CancellationToken cancellationToken)
    {
        try
        {
            await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status, Fitting(reason), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The side is gone, which is what was to be brought about.
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose()
    {
        _sending.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private static string? Fitting(string? reason) => reason is null || Encoding.UTF8.GetByteCount(reason) <= MaxReasonBytes ? reason : null;

    private bool TryGrow()
    {
        if (_buffer.Length >= MaxMessageBytes)
        {
            return false;
        }

        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return true;
    }
}
