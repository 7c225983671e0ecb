namespace Gateway.Edge.Routing.Health;

/// <summary>Successes and failures of the last while, in ten slices of the window. Not thread-safe.</summary>
internal sealed class FailureWindow
{
    private const int Slices = 10;

    private readonly int[] _failures = new int[Slices];
    private readonly int[] _calls = new int[Slices];
    private long _slice;

    public int Failures { get; private set; }

    public int Calls { get; private set; }

    public void Add(bool failed, long nowMs, int windowMs)
    {
        Advance(nowMs * Slices / windowMs);
        var at = (int)(_slice % Slices);
        _calls[at]++;
        Calls++;
        if (failed)
        {
            _failures[at]++;
            Failures++;
        }
    }

    public void Clear()
    {
        Array.Clear(_failures);
        Array.Clear(_calls);
        (Failures, Calls) = (0, 0);
    }

    private void Advance(long slice)
    {
        if (slice - _slice >= Slices || slice < _slice)
        {
            Clear();
            _slice = slice;
        }

        while (_slice < slice)
        {
            var at = (int)(++_slice % Slices);
            Failures -= _failures[at];
            Calls -= _calls[at];
            (_failures[at], _calls[at]) = (0, 0);
        }
    }
}
