using Gateway.Contracts.Configuration;
using Gateway.Contracts.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// One counter of a rate limit on this edge. Alone, it is the whole bucket. Shared, it holds slices of it that <see cref="LimitExchange"/> brings, to which time adds
/// nothing; and while they cannot be had, it is a bucket of one part in as many as there are edges.
/// </summary>
internal sealed class LimitCounter
{
    // An edge that has not used a counter for so long gives back what it has of it.
    private const long IdleMicros = 1_000_000;

    // What was heard longer ago says too little of now to refuse anybody by it.
    private const long StaleMicros = 50_000;

    private static readonly TimeSpan _untilReturned = TimeSpan.FromMilliseconds(1_300);
    private static readonly TimeSpan _untilEnded = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan _untilSharedAgain = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly LimitSharing _sharing;
    private LimitBucket _bucket;
    private SharingMode _mode;
    private int _parts = 1;
    private long _inUse;
    private long _used;
    private long _reportedUsed;
    private long _reportedHeld;
    private long _sequence;
    private long _answered;
    private long _left;
    private long _leftAt;
    private bool _isKnown;
    private bool _isReported;
    private long _taken;
    private long _takenBefore;
    private long _lastTake;
    private long _needed;
    private long _neededFloor;
    private long _neededLeast;

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

    /// <summary>Takes other figures into force, without forgetting what was used.</summary>
    public void Change(LimitRule rule)
    {
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
            Queue = rule.Entry.MaxWaitMs == 0 ? null : Queue ?? new LimitQueue(rule.Entry.MaxQueue, _sharing.Time);
        }
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
            mark = _sequence;
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
            if (free >= amount && (floor == 0 || free - amount + Math.Max(0, _left) >= floor))
            {
                Take_NeedsLock(amount, now);
                if (free - amount < _taken / 2)
                {
                    _sharing.Wake(this);
                }

                return TakeResult.Taken;
            }

            var missing = amount + floor - free - Left_NeedsLock(now);
            if (_isKnown && missing > 0 && now - _leftAt < StaleMicros)
            {
                wait = Rule.WindowMicros == 0 ? _untilEnded : Micros((long)Int128.Min((((Int128)missing * Rule.WindowMicros) + Rule.Amount - 1) / Rule.Amount, long.MaxValue / 16));
                return TakeResult.Refused;
            }

            (_neededLeast, _neededFloor) = _needed == 0 ? (amount, floor) : (Math.Min(_neededLeast, amount), Math.Min(_neededFloor, floor));
            _needed = Math.Min(_needed + amount, Rule.Burst);
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
            if (_mode == SharingMode.Shared && !Rule.IsConcurrency && mark == _sequence)
            {
                _bucket.Put(amount);
                _used -= amount;
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
            if (_mode == SharingMode.Shared && _needed == 0 && now - _lastTake > IdleMicros && _bucket.Level > 0)
            {
                _bucket.Clear();
            }

            if (_mode != SharingMode.Shared)
            {
                _bucket.Fill(now);
            }

            var free = _mode == SharingMode.Shared ? _bucket.Level : Math.Max(0, _bucket.Level);
            var held = Rule.IsConcurrency ? _inUse + Math.Max(0, free) : free;
            if (_isKnown && held == 0 && _needed == 0 && _used == _reportedUsed && _reportedHeld == 0 && _answered == _sequence)
            {
                return null;
            }

            var wanted = now - _lastTake > IdleMicros ? 0 : Math.Max(_taken, _takenBefore) * 2;
            (_takenBefore, _taken) = (_taken, 0);
            _sequence++;
            var ask = new LimitAsk
            {
                Id = Id,
                Amount = Rule.Amount,
                WindowMicros = Rule.WindowMicros,
                Burst = Rule.Burst,
                Sequence = _sequence,
                IsNew = !_isReported,
                Used = _reportedUsed = _used,
                Held = _reportedHeld = held,
                Free = Math.Max(0, free),
                Wanted = wanted,
                Needed = Math.Max(0, _needed - Math.Max(0, free)),
                Least = Math.Max(0, _neededLeast - Math.Max(0, free)),
                Floor = _neededFloor,
            };
            // Who still lacks something afterwards says so again.
            (_needed, _neededLeast, _neededFloor) = (0, 0, 0);
            return ask;
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
            if (_mode != SharingMode.Shared || sequence != _sequence)
            {
                return;
            }

            _bucket.Put(grant.Granted);
            _reportedHeld += grant.Granted;
            (_left, _leftAt, _isKnown, _isReported, _answered) = (grant.Left, now, true, true, sequence);
        }

        Queue?.RoomMade();
    }

    private void Take_NeedsLock(long amount, long now)
    {
        _bucket.Take(amount);
        _lastTake = now;
        if (Rule.IsConcurrency)
        {
            _inUse += amount;
        }
        else
        {
            _used += amount;
        }

        _taken += amount;
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
            _used -= unused;
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

    /// <summary>What others can be thought to have left, if nobody has taken any since it was told.</summary>
    private long Left_NeedsLock(long now) => Rule.WindowMicros == 0
        ? _left
        : (long)Int128.Min(Rule.Burst - Math.Max(0, _bucket.Level), _left + ((Int128)Math.Max(0, now - _leftAt) * Rule.Amount / Rule.WindowMicros));

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
                _bucket.Cut(_reportedHeld - (_used - _reportedUsed));
                (_left, _isKnown) = (0, false);
                if (Rule.IsConcurrency || !_isReported)
                {
                    // Others may have taken what is free here, or nobody knows of it.
                    _bucket.Clear();
                }
            }
        }
        else
        {
            // What was never answered has had nothing of the whole, and begins with its part.
            var isNew = _mode == SharingMode.Alone || (!_isReported && _used == 0);
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

    private static TimeSpan Micros(long micros) => TimeSpan.FromTicks(micros * TimeSpan.TicksPerMicrosecond);
}

/// <summary>What became of a take.</summary>
internal enum TakeResult
{
    Taken,
    Refused,

    /// <summary>This edge has not enough, but others may have left some: it is being asked for.</summary>
    Ask,
}
