namespace Gateway.Edge.Caching.Semantic;

/// <summary>
/// Bounds the look-ups under way by what the cache service can do: fewer after each that it had no time for, more again with each that it answered. What does not get in goes on without a
/// look-up, at no cost: at full load a service that embeds some hundred texts a second must not cost thousands of calls that it refuses.
/// </summary>
internal sealed class LookupGate
{
    private const double Most = 64;
    private const double First = 16;
    private const double Fewer = 0.7;

    private readonly Lock _changing = new();
    private double _limit = First;
    private int _running;

    /// <summary>Look-ups that may be under way now.</summary>
    public int Limit => (int)Volatile.Read(ref _limit);

    /// <summary>True when there is no place at the moment.</summary>
    public bool IsFull => Volatile.Read(ref _running) >= Limit;

    /// <summary>Takes a place; false when there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= Limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _running);
        return false;
    }

    /// <summary>Gives the place back.</summary>
    /// <param name="wasOverloaded">True where the service had no time for it.</param>
    public void Leave(bool wasOverloaded)
    {
        Interlocked.Decrement(ref _running);
        lock (_changing)
        {
            _limit = wasOverloaded ? Math.Max(1, _limit * Fewer) : Math.Min(Most, _limit + (1 / _limit));
        }
    }
}
