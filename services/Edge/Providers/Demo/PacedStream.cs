using Gateway.Edge.Upstream;

namespace Gateway.Edge.Providers.Demo;

/// <summary>
/// Gives out the events of a stream one by one, each after a delay. Works only while somebody reads: a reader that goes away leaves
/// nothing running.
/// </summary>
internal sealed class PacedStream(IEnumerable<byte[]> events, TimeSpan pace, TimeProvider time) : PulledStream
{
    private readonly IEnumerator<byte[]> _events = events.GetEnumerator();
    private ReadOnlyMemory<byte> _rest;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (buffer.Length == 0)
        {
            return 0;
        }

        if (_rest.IsEmpty)
        {
            if (pace > TimeSpan.Zero)
            {
                await Task.Delay(pace, time, cancellationToken).ConfigureAwait(false);
            }

            if (!_events.MoveNext())
            {
                return 0;
            }

            _rest = _events.Current;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _events.Dispose();
        }

        base.Dispose(disposing);
    }
}
