namespace Gateway.SemanticCache.Embedding;

/// <summary>
/// Leaves a server alone that fails: after three failures in a row nothing is asked for a time that doubles from one second to thirty; then one call finds out.
/// </summary>
internal sealed class Circuit(TimeProvider time)
{
    private const int Failures = 3;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private int _failures;
    private TimeSpan _pause = First;
    private long _openUntil;

    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _failures >= Failures && time.GetTimestamp() < _openUntil;
            }
        }
    }

    /// <summary>True where a call may be made; the caller tells what came of it.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_failures < Failures)
            {
                return true;
            }

            if (time.GetTimestamp() < _openUntil)
            {
                return false;
            }

            // One at a time: the next is let through only when this one has failed or ended.
            _openUntil = time.GetTimestamp() + Ticks(_pause);
            return true;
        }
    }

    public void Succeeded()
    {
        lock (_gate)
        {
            (_failures, _pause) = (0, First);
        }
    }

    public void Failed()
    {
        lock (_gate)
        {
            if (++_failures >= Failures)
            {
                _openUntil = time.GetTimestamp() + Ticks(_pause);
                _pause = _pause + _pause > Longest ? Longest : _pause + _pause;
            }
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
