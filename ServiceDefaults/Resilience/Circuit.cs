namespace Gateway.ServiceDefaults.Resilience;

/// <summary>
/// Leaves a server alone that fails: after three failures in a row nothing is asked for a time that doubles from one second to thirty; then one call finds out. For any thread.
/// </summary>
/// <param name="time">The clock; only its timestamps count.</param>
public sealed class Circuit(TimeProvider time)
{
    private const int Failures = 3;
    private static readonly TimeSpan _first = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private int _failures;
    private TimeSpan _pause = _first;
    private long _openUntil;

    /// <summary>True while it is left alone.</summary>
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

    /// <summary>A call was answered: the next are made again.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            (_failures, _pause) = (0, _first);
        }
    }

    /// <summary>A call was not answered.</summary>
    public void Failed()
    {
        lock (_gate)
        {
            if (++_failures >= Failures)
            {
                _openUntil = time.GetTimestamp() + Ticks(_pause);
                _pause = _pause + _pause > _longest ? _longest : _pause + _pause;
            }
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
