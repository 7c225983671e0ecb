using Gateway.Contracts.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The counter as one of several that share a bucket: what is asked for and granted, and how it counts while it can be, or cannot.</summary>
internal sealed partial class LimitCounter
{
    private static readonly TimeSpan _untilReturned = TimeSpan.FromMilliseconds(1_300);
    private static readonly TimeSpan _untilEnded = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan _untilSharedAgain = TimeSpan.FromSeconds(5);

    /// <summary>When to come again: what other edges have in advance comes back only once they are idle, and what they use is known only once they say it.</summary>
    public TimeSpan Honest(TimeSpan wait)
    {
        if (wait == Timeout.InfiniteTimeSpan || _mode != SharingMode.Shared)
        {
            return wait;
        }

        wait += _untilEnded;
        return _sharing.Edges == 1 || wait > _untilReturned ? wait : _untilReturned;
    }

    /// <summary>What is to be asked, or null when there is nothing to be said about this counter any more.</summary>
    public LimitAsk? Ask()
    {
        lock (_lock)
        {
            var now = _sharing.Now;
            Follow_NeedsLock(now);
            if (_mode != SharingMode.Shared)
            {
                _bucket.Fill(now);
                return _talk.Ask(Id, Rule, Math.Max(0, _bucket.Level), _inUse, now);
            }

            if (_bucket.Level > 0 && _talk.IsIdle(now))
            {
                _bucket.Clear();
            }

            return _talk.Ask(Id, Rule, _bucket.Level, _inUse, now);
        }
    }

    /// <summary>Takes an answer in.</summary>
    /// <param name="sequence">The question it is for.</param>
    /// <param name="grant">The answer.</param>
    public void Answer(long sequence, LimitGrant grant)
    {
        lock (_lock)
        {
            var now = _sharing.Now;
            Follow_NeedsLock(now);
            if (_mode != SharingMode.Shared || sequence != _talk.Sequence)
            {
                return;
            }

            _bucket.Put(grant.Granted);
            _talk.Heard(grant, now);
        }

        Queue?.RoomMade();
    }

    private long Left_NeedsLock(long now) => _talk.Left(Rule, _bucket.Level, now);

    private void Follow_NeedsLock(long now)
    {
        var (mode, parts) = _sharing.At(now);
        if (mode == _mode && parts == _parts)
        {
            return;
        }

        if (mode == SharingMode.Shared)
        {
            if (_mode == SharingMode.Alone)
            {
                // Begun while shared: it has nothing yet.
                _bucket = new LimitBucket(Rule.Amount, Rule.WindowMicros, Rule.Burst, 0, now);
            }

            _bucket.Freeze();
            _bucket.Round();
            if (_mode != SharingMode.Shared)
            {
                // What has flowed in since it was told to who shares is not known there.
                _bucket.Cut(_talk.Told);
                _talk.Forget();
                if (Rule.IsConcurrency || !_talk.IsReported)
                {
                    // Others may have taken what is free here, or nobody knows of it.
                    _bucket.Clear();
                }
            }
        }
        else
        {
            // What was never answered has had nothing of the whole, and begins with its part.
            var isNew = _mode == SharingMode.Alone || _talk.IsNew;
            _bucket.Share(Math.Max(1, parts), now);
            if (Rule.IsConcurrency)
            {
                _bucket = new LimitBucket(Rule.Amount, 0, Rule.Burst, (Rule.Burst / Math.Max(1, parts)) - _inUse, now);
                _bucket.Share(Math.Max(1, parts), now);
            }
            else if (isNew)
            {
                _bucket = new LimitBucket(Rule.Amount, Rule.WindowMicros, Rule.Burst, Rule.Burst / Math.Max(1, parts), now);
                _bucket.Share(Math.Max(1, parts), now);
            }
        }

        (_mode, _parts) = (mode, mode == SharingMode.Shared ? parts : Math.Max(1, parts));
    }
}
