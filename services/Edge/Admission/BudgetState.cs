using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission;

/// <summary>
/// The money of one budget on this edge: what is settled in the window under way and what requests in flight hold. Invariant: a
/// reservation is granted only while settled + held + amount stays within the limit.
/// </summary>
internal sealed class BudgetState
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private BudgetEntry _entry;
    private DateTime _windowStart;
    private DateTime _windowEnd;
    private long _settled;
    private long _held;

    public BudgetState(BudgetEntry entry, TimeProvider time)
    {
        _entry = entry;
        _time = time;
        (_windowStart, _windowEnd) = BudgetWindows.Around(entry.Window, time.GetUtcNow().UtcDateTime);
    }

    public string Id => _entry.Id;

    public BudgetEntry Entry => _entry;

    /// <summary>Settled, held and window at one instant.</summary>
    public BudgetFigures Figures
    {
        get
        {
            lock (_lock)
            {
                Roll_NeedsLock();
                return new BudgetFigures(_windowStart, _windowEnd, _settled, _held);
            }
        }
    }

    /// <summary>Takes a changed limit or window into force without losing what was spent.</summary>
    public void Update(BudgetEntry entry)
    {
        lock (_lock)
        {
            var windowChanged = entry.Window != _entry.Window;
            _entry = entry;
            if (windowChanged)
            {
                // What was spent under the other window counts in the new one: a change of configuration must not refill a budget.
                (_windowStart, _windowEnd) = BudgetWindows.Around(entry.Window, _time.GetUtcNow().UtcDateTime);
            }
        }
    }

    /// <summary>Holds <paramref name="amount"/> nano-US-dollars or nothing.</summary>
    public bool TryReserve(long amount)
    {
        lock (_lock)
        {
            Roll_NeedsLock();
            if (amount > (_entry.LimitNanoUsd ?? long.MaxValue) - _settled - _held)
            {
                return false;
            }

            _held += amount;
            return true;
        }
    }

    /// <summary>Replaces a hold by what was really used.</summary>
    public void Settle(long held, long used)
    {
        lock (_lock)
        {
            Roll_NeedsLock();
            _held -= held;
            _settled += used;
        }
    }

    /// <summary>Counts money that an earlier run of this edge settled, if the window that began then is still under way.</summary>
    public void Restore(DateTime windowStart, long used)
    {
        lock (_lock)
        {
            Roll_NeedsLock();
            if (windowStart == _windowStart)
            {
                _settled += used;
            }
        }
    }

    private void Roll_NeedsLock()
    {
        var now = _time.GetUtcNow().UtcDateTime;
        if (now >= _windowEnd)
        {
            (_windowStart, _windowEnd) = BudgetWindows.Around(_entry.Window, now);
            _settled = 0;
        }
    }
}

/// <summary>Figures of a budget at one instant, in nano-US-dollars and UTC.</summary>
internal readonly record struct BudgetFigures(DateTime WindowStart, DateTime WindowEnd, long Settled, long Held);
