using System.Collections.Concurrent;

namespace Gateway.Edge.Upstream;

/// <summary>What an upstream call is waiting for.</summary>
internal enum CallPhase
{
    FirstByte,
    Body,
}

/// <summary>
/// Cancels an upstream call when a phase takes too long, when the whole takes too long, or when the caller goes away, and remembers which it was. Pooled:
/// the timer inside is the costly part.
/// </summary>
internal sealed class CallDeadline : IDisposable
{
    private static readonly ConcurrentBag<CallDeadline> _pool = [];

    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _caller;
    private CancellationTokenRegistration _stop;
    private CancellationTokenRegistration _revocation;
    private CancellationToken _callerToken;
    private CancellationToken _stopToken;
    private TimeProvider _time = TimeProvider.System;
    private long _end;
    private long _phaseEnd;

    public CancellationToken Token => _source.Token;

    public CallPhase Phase { get; private set; }

    /// <summary>True when the caller went away.</summary>
    public bool CallerGone => _callerToken.IsCancellationRequested;

    /// <summary>True when the gateway's time for running answers is over.</summary>
    public bool GatewayStopped => _stopToken.IsCancellationRequested;

    /// <param name="totalMs">How long the whole call may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="caller">Cancelled when the caller goes away.</param>
    /// <param name="revocation">Cancelled when the caller's key is taken away and what is under way with it.</param>
    public static CallDeadline Start(int totalMs, TimeProvider time, CancellationToken caller, CancellationToken revocation)
    {
        if (!_pool.TryTake(out var deadline))
        {
            deadline = new CallDeadline();
        }

        deadline._time = time;
        deadline._end = time.GetTimestamp() + (totalMs * time.TimestampFrequency / 1000);
        deadline._phaseEnd = long.MaxValue;
        deadline.FirstByteMs = 0;
        deadline._callerToken = caller;
        deadline._caller = caller.UnsafeRegister(static s => ((CallDeadline)s!)._source.Cancel(), deadline);
        deadline._revocation = revocation.UnsafeRegister(static s => ((CallDeadline)s!)._source.Cancel(), deadline);
        return deadline;
    }

    /// <summary>Cancels the call also with <paramref name="stop"/>, the end of a graceful stop.</summary>
    public void EndWith(CancellationToken stop)
    {
        _stopToken = stop;
        _stop = stop.UnsafeRegister(static s => ((CallDeadline)s!)._source.Cancel(), this);
    }

    /// <summary>Replaces what <see cref="Arm"/> is told for the first byte; 0 leaves it.</summary>
    public int FirstByteMs { get; set; }

    /// <summary>Bounds everything from now on to <paramref name="milliseconds"/>, whatever the phases may take, until <see cref="EndLimit"/>.</summary>
    public void Limit(int milliseconds) => _phaseEnd = _time.GetTimestamp() + (milliseconds * _time.TimestampFrequency / 1000);

    /// <summary>Takes the bound of <see cref="Limit"/> away.</summary>
    public void EndLimit() => _phaseEnd = long.MaxValue;

    /// <summary>Begins a phase of at most <paramref name="milliseconds"/>, the time left in all permitting.</summary>
    public void Arm(CallPhase phase, int milliseconds)
    {
        Phase = phase;
        milliseconds = phase == CallPhase.FirstByte && FirstByteMs > 0 ? FirstByteMs : milliseconds;
        var left = (Math.Min(_end, _phaseEnd) - _time.GetTimestamp()) * 1000 / _time.TimestampFrequency;
        _source.CancelAfter((int)Math.Clamp(left, 1, milliseconds));
    }

    /// <summary>Ends the watch. After this the object belongs to the pool.</summary>
    public void Dispose()
    {
        // Unregistering waits for a callback under way, so a caller that leaves at this moment cannot cancel the next user's call.
        _caller.Dispose();
        _stop.Dispose();
        _revocation.Dispose();
        _callerToken = default;
        _stopToken = default;
        if (_source.TryReset())
        {
            _pool.Add(this);
        }
        else
        {
            _source.Dispose();
        }
    }
}
