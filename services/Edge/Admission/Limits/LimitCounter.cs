using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// One counter of a rate limit on this edge. Alone, it is the whole bucket. Shared, it holds slices of it that <see cref="LimitExchange"/> brings, to which time adds
/// nothing; and while they cannot be had, it is a bucket of one part in as many as there are edges.
/// </summary>
internal sealed partial class LimitCounter
{
    private readonly Lock _lock = new();
    private readonly LimitSharing _sharing;
    private readonly SliceTalk _talk = new();
    private LimitBucket _bucket;
    private SharingMode _mode;
    private int _parts = 1;
    private long _inUse;

    public LimitCounter(string id, LimitRule rule, LimitSharing sharing)
    {
        (Id, Rule, _sharing) = (id, rule, sharing);
        var now = sharing.Now;
        _bucket = new LimitBucket(rule.Amount, rule.WindowMicros, rule.Burst, rule.Burst, now);
        _mode = SharingMode.Alone;
        Queue = rule.Entry.MaxWaitMs > 0 ? new LimitQueue(rule.Entry.MaxQueue, sharing.Time) : null;
        lock (_lock)
        {
            Follow_NeedsLock(now);
        }
    }

    /// <summary>The limit's id, and the values it is for.</summary>
    public string Id { get; }

    public LimitRule Rule { get; private set; }

    /// <summary>Who waits for room, or null where nobody may.</summary>
    public LimitQueue? Queue { get; private set; }

    public TimeProvider Time => _sharing.Time;

    /// <summary>True while the exchange asks about this counter; for the exchange.</summary>
    public int Listed;

    /// <summary>Texts of headers of this counter.</summary>
    public LimitTexts Texts { get; } = new();

    /// <summary>What could be taken, and how long until it is full.</summary>
    public (long Left, TimeSpan Reset) Figures
    {
        get
        {
            lock (_lock)
            {
                var now = _sharing.Now;
                Follow_NeedsLock(now);
                var left = _bucket.Level + (_mode == SharingMode.Shared ? Left_NeedsLock(now) : 0);
                left = Math.Clamp(left, 0, Rule.Burst);
                return (left, Rule.WindowMicros == 0 ? TimeSpan.Zero : Micros((long)((Int128)(Rule.Burst - left) * Rule.WindowMicros / Rule.Amount)));
            }
        }
    }

    /// <summary>True when nothing is taken of it.</summary>
    public bool IsFull
    {
        get
        {
            var figures = Figures;
            return Volatile.Read(ref _inUse) == 0 && (Rule.IsConcurrency || figures.Left >= Rule.Burst);
        }
    }

    /// <summary>Reads what a take reads and locks nothing; see <see cref="Nearness"/>.</summary>
    public long Touch() => (_lock.IsHeldByCurrentThread ? 1 : 0) + _talk.Sequence + Rule.Burst + Volatile.Read(ref _inUse);

    /// <summary>Takes other figures into force, without forgetting what was used.</summary>
    public void Change(LimitRule rule)
    {
        LimitQueue? disbanded = null;
        lock (_lock)
        {
            var now = _sharing.Now;
            Follow_NeedsLock(now);
            if (_mode != SharingMode.Shared)
            {
                _bucket.Change(rule.Amount, rule.WindowMicros, rule.Burst, now);
            }
            else
            {
                // A slice is so many units, however large the whole is.
                _bucket = new LimitBucket(rule.Amount, rule.WindowMicros, rule.Burst, Math.Min(_bucket.Level, rule.Burst), now);
                _bucket.Share(0, now);
            }

            Rule = rule;
            if (rule.Entry.MaxWaitMs == 0)
            {
                (disbanded, Queue) = (Queue, null);
            }
            else
            {
                Queue ??= new LimitQueue(rule.Entry.MaxQueue, _sharing.Time);
                Queue.Most = rule.Entry.MaxQueue;
            }
        }

        // There may be room by the new figures; and where nobody may wait any more, nobody does.
        disbanded?.Disband();
        Queue?.RoomMade();
    }

    /// <summary>Takes an amount or nothing.</summary>
    /// <param name="amount">What is needed.</param>
    /// <param name="priority">How urgent it is.</param>
    /// <param name="wait">How long until it could be had, when it was refused; <see cref="Timeout.InfiniteTimeSpan"/> when it never can.</param>
    /// <param name="mark">To be given to <see cref="Undo"/>.</param>
    public TakeResult TryTake(long amount, PriorityClass priority, out TimeSpan wait, out long mark)
    {
        lock (_lock)
        {
            var now = _sharing.Now;
            Follow_NeedsLock(now);
            mark = _talk.Sequence;
            wait = TimeSpan.Zero;
            var floor = Rule.Floor(priority);
            if (amount > Rule.Burst - floor)
            {
                wait = Timeout.InfiniteTimeSpan;
                return TakeResult.Refused;
            }

            if (_mode != SharingMode.Shared)
            {
                _bucket.Fill(now);
                if (_bucket.Has(amount, Math.Min(floor, floor / _parts)))
                {
                    Take_NeedsLock(amount, now);
                    return TakeResult.Taken;
                }

                var micros = amount + (floor / _parts) > _bucket.Most ? -1 : _bucket.WaitFor(amount, floor / _parts);
                wait = micros >= 0 ? Micros(micros) : Rule.IsConcurrency ? TimeSpan.FromSeconds(1) : _untilSharedAgain;
                return TakeResult.Refused;
            }

            var free = _bucket.Level;
            if (free >= amount && (floor == 0 || free - amount + Math.Max(0, _talk.LastLeft) >= floor))
            {
                Take_NeedsLock(amount, now);
                if (free - amount < _talk.Taken / 2)
                {
                    _sharing.Wake(this);
                }

                return TakeResult.Taken;
            }

            var missing = amount + floor - free - Left_NeedsLock(now);
            if (missing > 0 && _talk.IsFresh(now))
            {
                wait = Rule.WindowMicros == 0 ? _untilEnded : Micros((long)Int128.Min((((Int128)missing * Rule.WindowMicros) + Rule.Amount - 1) / Rule.Amount, long.MaxValue / 16));
                return TakeResult.Refused;
            }

            _talk.Need(amount, floor, Rule.Burst);
            _sharing.Wake(this);
            wait = _untilEnded;
            return TakeResult.Ask;
        }
    }

    /// <summary>How long until an amount could be had, if nobody else took any; <see cref="Timeout.InfiniteTimeSpan"/> is not among the answers.</summary>
    public TimeSpan WaitFor(long amount, PriorityClass priority)
    {
        lock (_lock)
        {
            var now = _sharing.Now;
            Follow_NeedsLock(now);
            if (Rule.WindowMicros == 0)
            {
                return TimeSpan.FromSeconds(1);
            }

            _bucket.Fill(now);
            var missing = amount + Rule.Floor(priority) - _bucket.Level - (_mode == SharingMode.Shared ? Left_NeedsLock(now) : 0);
            return missing <= 0 ? Micros(1_000) : Micros((long)Int128.Min((((Int128)missing * Rule.WindowMicros * _parts) + Rule.Amount - 1) / Rule.Amount, long.MaxValue / 16));
        }
    }

    /// <summary>Takes back a take at once, because the request did not go on.</summary>
    public void Undo(long amount, long mark)
    {
        lock (_lock)
        {
            var now = _sharing.Now;
            Follow_NeedsLock(now);
            if (_mode == SharingMode.Shared && !Rule.IsConcurrency && mark == _talk.Sequence)
            {
                _bucket.Put(amount);
                _talk.Unused(amount);
                return;
            }

            GiveBack_NeedsLock(amount, amount, now);
        }

        Queue?.RoomMade();
    }

    /// <summary>Replaces what a request took by what it used; for concurrency, it has ended.</summary>
    /// <param name="taken">What was taken for it.</param>
    /// <param name="unused">The part of it that was not used; below 0 when it used more.</param>
    public void Settle(long taken, long unused)
    {
        if (unused == 0 && !Rule.IsConcurrency)
        {
            return;
        }

        lock (_lock)
        {
            var now = _sharing.Now;
            Follow_NeedsLock(now);
            GiveBack_NeedsLock(taken, unused, now);
        }

        Queue?.RoomMade();
    }

    private void Take_NeedsLock(long amount, long now)
    {
        _bucket.Take(amount);
        _inUse += Rule.IsConcurrency ? amount : 0;
        _talk.Took(amount, !Rule.IsConcurrency, now);
        if (_mode != SharingMode.Alone)
        {
            _sharing.List(this);
        }
    }

    private void GiveBack_NeedsLock(long taken, long unused, long now)
    {
        if (Rule.IsConcurrency)
        {
            _inUse -= taken;
            _bucket.Put(taken);
        }
        else
        {
            _talk.Unused(unused);
            if (unused < 0 || _mode != SharingMode.Shared)
            {
                _bucket.Fill(now);
                _bucket.PutBack(unused);
            }

            // Shared, what was not used goes back through who shares: only there is known what the bucket may hold.
        }

        if (_mode != SharingMode.Alone)
        {
            _sharing.List(this);
        }
    }

    private static TimeSpan Micros(long micros) => TimeSpan.FromTicks(micros * TimeSpan.TicksPerMicrosecond);
}
