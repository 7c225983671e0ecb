using Gateway.Edge.Upstream;

namespace Gateway.Edge.Caching.Replay;

/// <summary>A stored answer as the stream that a provider would have sent, at once or at a pace.</summary>
/// <param name="bytes">The stream.</param>
/// <param name="ends">Where its pieces end, in order; the last is its length.</param>
/// <param name="pause">What passes between two pieces.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplayStream(ReadOnlyMemory<byte> bytes, IReadOnlyList<int> ends, TimeSpan pause, TimeProvider time) : PulledStream
{
    private int _position;
    private int _piece;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece < ends.Count && _position == ends[_piece])
        {
            _piece++;
            if (_piece < ends.Count && pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
        }

        if (_piece == ends.Count)
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, ends[_piece] - _position);
        bytes.Slice(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
