namespace Gateway.Edge.Admission.Limits;

/// <summary>A limit on requests in flight.</summary>
internal sealed class ConcurrencyLimiter(int limit)
{
    private int _inFlight;

    public int Limit { get; } = limit;

    public int InFlight => Volatile.Read(ref _inFlight);

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inFlight) <= Limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _inFlight);
}
