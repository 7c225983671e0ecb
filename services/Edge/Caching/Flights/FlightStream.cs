using Gateway.Edge.Upstream;

namespace Gateway.Edge.Caching.Flights;

/// <summary>One reader of a <see cref="FlightLog"/>.</summary>
internal sealed class FlightStream(FlightLog log, bool isOwner) : PulledStream
{
    private long _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await log.ReadAsync(_position, buffer, isOwner, cancellationToken).ConfigureAwait(false);
        _position += read;
        return read;
    }
}
