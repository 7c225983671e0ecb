namespace Gateway.Edge.Admission.Budgets;

/// <summary>How much of a window is asked for lately, so that its lease can be sized. Guarded by the account's lock.</summary>
internal sealed class LeaseDemand
{
    // A lease is to last for this long at the rate of late, and a few requests more.
    private const double Seconds = 3;
    private const int Requests = 4;

    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _least = TimeSpan.FromMilliseconds(200);

    private long _total;
    private long _measured;
    private long _measuredAt;
    private long _lastHold;
    private long _largest;
    private double _perSecond;
    private long _toldSpent;
    private long _toldReturned;
    private bool _isUnanswered;
    private bool _isNoted;

    /// <summary>Below this much free the ledger is asked for more, ahead of need.</summary>
    public long LowWater { get; set; }

    /// <summary>When the ledger was asked last.</summary>
    public long AskedAt { get; set; }

    /// <summary>When it last granted what a request waits for; 0 for never.</summary>
    public long PromisedAt { get; set; }

    /// <summary>Notes a hold.</summary>
    public void Add(long nanoUsd, long now)
    {
        _total += nanoUsd;
        _lastHold = now;
        _largest = Math.Max(_largest, nanoUsd);
    }

    /// <summary>True for the first that finds that the ledger is to be asked.</summary>
    public bool TryNote()
    {
        var first = !_isNoted;
        _isNoted = true;
        return first;
    }

    /// <summary>The ledger is being asked.</summary>
    public void Noted() => _isNoted = false;

    /// <summary>Notes what the ledger is told.</summary>
    public void Tell(AccountWindow window) => (_toldSpent, _toldReturned, _isUnanswered) = (window.Spent, window.Returned, true);

    /// <summary>The ledger has answered.</summary>
    public void Answered() => _isUnanswered = false;

    /// <summary>True when the ledger knows everything. Until it has answered it may have granted what is not known here, which has to be given back.</summary>
    public bool IsTold(AccountWindow window) => !_isUnanswered && _toldSpent == window.Spent && _toldReturned == window.Returned;

    /// <summary>What the edge would like to have free; 0 when nobody has asked for a while.</summary>
    public long Target(long now, TimeProvider time)
    {
        if (_lastHold == 0 || time.GetElapsedTime(_lastHold, now) > _quiet)
        {
            (_measured, _measuredAt, _perSecond, _largest) = (_total, now, 0, 0);
            return 0;
        }

        var passed = time.GetElapsedTime(_measuredAt, now);
        if (_measuredAt == 0)
        {
            (_measured, _measuredAt) = (_total, now);
        }
        else if (passed >= _least)
        {
            var rate = (_total - _measured) / passed.TotalSeconds;
            _perSecond = rate > _perSecond ? rate : (_perSecond + rate) / 2;
            (_measured, _measuredAt) = (_total, now);
        }

        var target = (_perSecond * Seconds) + ((double)_largest * Requests);
        return target >= BudgetAccount.Most ? BudgetAccount.Most : (long)target;
    }
}
