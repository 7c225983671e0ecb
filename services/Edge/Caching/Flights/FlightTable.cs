using System.Collections.Concurrent;
using Gateway.Edge.Caching.Keys;

namespace Gateway.Edge.Caching.Flights;

/// <summary>What requests must have in common to share a call: their key, and the form in which the provider answers.</summary>
/// <param name="Key">All that shapes the answer, and who may have it.</param>
/// <param name="Stream">Whether a stream is asked for.</param>
/// <param name="WithUsage">Whether the stream is asked to tell its usage.</param>
internal readonly record struct FlightKey(CacheKey Key, bool Stream, bool WithUsage);

/// <summary>The shared calls under way.</summary>
internal sealed class FlightTable
{
    private readonly ConcurrentDictionary<FlightKey, Flight> _flights = new();

    public int Count => _flights.Count;

    /// <summary>Requests that follow the calls of others.</summary>
    public int Followers => _flights.Values.Sum(static f => f.Followers);

    /// <summary>Joins the call of a key, or begins one.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="gone">Cancelled when the request goes away.</param>
    /// <returns>The flight and whether the request makes its call; null when one is under way that takes nobody any more.</returns>
    public (Flight? Flight, bool IsLeader) Join(in FlightKey key, CancellationToken gone)
    {
        if (_flights.TryGetValue(key, out var known))
        {
            return known.TryFollow() ? (known, false) : (null, false);
        }

        var mine = new Flight();
        var there = _flights.GetOrAdd(key, mine);
        if (ReferenceEquals(there, mine))
        {
            mine.Begin(gone);
            return (mine, true);
        }

        mine.Dispose();
        return there.TryFollow() ? (there, false) : (null, false);
    }

    /// <summary>Takes a call that has ended out.</summary>
    public void Remove(in FlightKey key, Flight flight)
    {
        _flights.TryRemove(new KeyValuePair<FlightKey, Flight>(key, flight));
        flight.Close();
    }
}
