namespace Gateway.Edge.Caching.Flights;

/// <summary>
/// One call that identical requests share: who came first makes it, the others follow. The call goes on as long as one of them wants it. When it fails, those that follow make
/// calls of their own.
/// </summary>
internal sealed class Flight : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<FlightAnswer?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _unwanted = new();
    private CancellationTokenRegistration _leader;
    private int _followers;
    private int _shares;
    private bool _isLeaderGone;
    private bool _isClosed;

    /// <summary>Cancelled when nobody wants the call any more.</summary>
    public CancellationToken Unwanted { get; private set; }

    /// <summary>Requests that follow.</summary>
    public int Followers
    {
        get
        {
            lock (_lock)
            {
                return _followers;
            }
        }
    }

    /// <summary>The answer once there is one; null when the call came to nothing.</summary>
    public Task<FlightAnswer?> Answer => _answer.Task;

    /// <summary>Begins the call.</summary>
    /// <param name="leaderGone">Cancelled when who makes it goes away.</param>
    public void Begin(CancellationToken leaderGone)
    {
        Unwanted = _unwanted.Token;
        _leader = leaderGone.UnsafeRegister(static f => ((Flight)f!).LeaveAsLeader(), this);
    }

    /// <summary>Joins those that follow.</summary>
    /// <returns>False when it is too late.</returns>
    public bool TryFollow()
    {
        lock (_lock)
        {
            if (_isClosed || _shares > 0 || (_isLeaderGone && _followers == 0))
            {
                return false;
            }

            _followers++;
            return true;
        }
    }

    /// <summary>Leaves those that follow.</summary>
    public void Leave()
    {
        bool nobodyLeft;
        lock (_lock)
        {
            _followers--;
            nobodyLeft = _isLeaderGone && _followers == 0 && !_isClosed;
        }

        if (nobodyLeft)
        {
            _unwanted.Cancel();
        }
    }

    /// <summary>What each of those who share the call pays of its cost, the remainder being the leader's. From the first time on nobody joins any more.</summary>
    public long ShareOf(long cost, bool isLeader)
    {
        int shares;
        lock (_lock)
        {
            shares = _shares = _shares == 0 ? _followers + 1 : _shares;
        }

        var share = cost / shares;
        return isLeader ? cost - (share * (shares - 1)) : share;
    }

    /// <summary>Tells those who follow what came.</summary>
    public void Publish(FlightAnswer answer) => _answer.TrySetResult(answer);

    /// <summary>Ends the flight. Who still waits goes on alone.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        _leader.Dispose();
        _answer.TrySetResult(null);
    }

    public void Dispose()
    {
        Close();
        _unwanted.Dispose();
    }

    private void LeaveAsLeader()
    {
        bool nobodyLeft;
        lock (_lock)
        {
            _isLeaderGone = true;
            nobodyLeft = _followers == 0;
        }

        if (nobodyLeft)
        {
            _unwanted.Cancel();
        }
    }
}
