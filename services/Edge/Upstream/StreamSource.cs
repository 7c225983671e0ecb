using System.Runtime.CompilerServices;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;

namespace Gateway.Edge.Upstream;

/// <summary>The events of a provider's stream, read as they come.</summary>
internal sealed class StreamSource(Stream stream, IFrameReader frames, CallDeadline deadline, int idleMs) : IDisposable
{
    private ReadOnlyMemory<byte> _next;
    private bool _hasNext;

    /// <summary>True when the stream ended inside an event.</summary>
    public bool HasPartialFrame => frames.HasPartialFrame;

    /// <summary>True when the stream is not in its framing.</summary>
    public bool IsMalformed => frames.IsMalformed;

    /// <summary>True when an event's bytes are text, which may be edited; binary ones carry a checksum.</summary>
    public bool IsText => frames is not EventStreamFrameReader;

    /// <summary>Events taken.</summary>
    public int Events { get; private set; }

    /// <summary>A reader of the same framing for the same bytes.</summary>
    public IFrameReader NewFrames() => frames switch
    {
        EventStreamFrameReader => new EventStreamFrameReader(),
        JsonFrameReader => new JsonFrameReader(),
        _ => new SseFrameReader(),
    };

    /// <summary>Takes an event that has already arrived.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        if (_hasNext)
        {
            _hasNext = false;
            frame = _next;
            Events++;
            return true;
        }

        if (!frames.TryRead(out frame))
        {
            return false;
        }

        Events++;
        return true;
    }

    /// <summary>The event that <see cref="TryTake"/> gives next. Call only after <see cref="FillAsync"/> returned true.</summary>
    public ReadOnlyMemory<byte> Peek() => _next;

    /// <summary>What an event carries.</summary>
    public StreamFrame Open(ReadOnlyMemory<byte> frame) => frames.Open(frame);

    /// <summary>Reads until at least one whole event is there. Call only after <see cref="TryTake"/> returned false.</summary>
    /// <returns>False when the stream ended before, or is not in its framing.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync()
    {
        while (true)
        {
            if (frames.TryRead(out _next))
            {
                return _hasNext = true;
            }

            if (frames.IsMalformed)
            {
                return false;
            }

            if (frames.Overflowed)
            {
                throw new ResponseTooLargeException();
            }

            deadline.Arm(CallPhase.Body, idleMs);
            var read = await stream.ReadAsync(frames.GetMemory(), deadline.Token).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            frames.Advance(read);
        }
    }

    public void Dispose() => frames.Dispose();
}
