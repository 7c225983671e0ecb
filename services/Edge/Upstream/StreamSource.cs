using System.Runtime.CompilerServices;
using Gateway.Dialects.Sse;

namespace Gateway.Edge.Upstream;

/// <summary>The events of a provider's stream, read as they come.</summary>
internal sealed class StreamSource(Stream stream, CallDeadline deadline, int idleMs) : IDisposable
{
    private readonly SseFrameReader _frames = new();
    private ReadOnlyMemory<byte> _next;
    private bool _hasNext;

    /// <summary>True when the stream ended inside an event.</summary>
    public bool HasPartialFrame => _frames.HasPartialFrame;

    /// <summary>The event that <see cref="FillAsync"/> found, left in its place.</summary>
    public ReadOnlyMemory<byte> Peek() => _next;

    /// <summary>Takes an event that has already arrived.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        if (_hasNext)
        {
            _hasNext = false;
            frame = _next;
            return true;
        }

        return _frames.TryRead(out frame);
    }

    /// <summary>Reads until at least one whole event is there. Call only after <see cref="TryTake"/> returned false.</summary>
    /// <returns>False when the stream ended before.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync()
    {
        while (true)
        {
            if (_frames.TryRead(out _next))
            {
                return _hasNext = true;
            }

            if (_frames.Overflowed)
            {
                throw new ResponseTooLargeException();
            }

            deadline.Arm(CallPhase.Body, idleMs);
            var read = await stream.ReadAsync(_frames.GetMemory(), deadline.Token).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            _frames.Advance(read);
        }
    }

    public void Dispose() => _frames.Dispose();
}
