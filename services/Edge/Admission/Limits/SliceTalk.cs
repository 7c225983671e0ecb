using Gateway.Contracts.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// What a counter has told who shares it and what it was told: totals, and a number for each question, so that an answer that was lost is found missing and a late question
/// changes nothing. Guarded by the counter's lock.
/// </summary>
internal sealed class SliceTalk
{
    // An edge that has not used a counter for so long gives back what it has of it.
    private const long IdleMicros = 1_000_000;

    // What was heard longer ago says too little of now to refuse anybody by it.
    private const long StaleMicros = 50_000;

    private long _used;
    private long _reportedUsed;
    private long _reportedHeld;
    private long _answered;
    private long _left;
    private long _leftAt;
    private bool _isReported;
    private long _taken;
    private long _takenBefore;
    private long _lastTake;
    private long _needed;
    private long _neededFloor;
    private long _neededLeast;

    /// <summary>The number of the last question.</summary>
    public long Sequence { get; private set; }

    /// <summary>True while it is known what nobody has.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>True when it was never told of and has nothing to tell.</summary>
    public bool IsNew => !_isReported && _used == 0;

    /// <summary>True once a question about it was answered.</summary>
    public bool IsReported => _isReported;

    /// <summary>What nobody had, when it was told.</summary>
    public long LastLeft => _left;

    /// <summary>Taken since the last question.</summary>
    public long Taken => _taken;

    /// <summary>What is here as far as who shares knows: what has flowed in since it was told is not known there.</summary>
    public long Told => _reportedHeld - (_used - _reportedUsed);

    /// <summary>True when what was heard last is new enough to refuse by.</summary>
    public bool IsFresh(long now) => IsKnown && now - _leftAt < StaleMicros;

    /// <summary>True when what is here is to be given back.</summary>
    public bool IsIdle(long now) => _needed == 0 && now - _lastTake > IdleMicros;

    /// <summary>What others can be thought to have left, if nobody has taken any since it was told.</summary>
    public long Left(LimitRule rule, long free, long now) => rule.WindowMicros == 0
        ? _left
        : (long)Int128.Min(rule.Burst - Math.Max(0, free), _left + ((Int128)Math.Max(0, now - _leftAt) * rule.Amount / rule.WindowMicros));

    /// <summary>Notes a take.</summary>
    public void Took(long amount, bool isUse, long now)
    {
        (_lastTake, _taken) = (now, _taken + amount);
        _used += isUse ? amount : 0;
    }

    /// <summary>Notes that something was not used after all; below 0, that more was.</summary>
    public void Unused(long amount) => _used -= amount;

    /// <summary>Notes what a request lacks that will ask again after the next answer.</summary>
    public void Need(long amount, long floor, long burst)
    {
        (_neededLeast, _neededFloor) = _needed == 0 ? (amount, floor) : (Math.Min(_neededLeast, amount), Math.Min(_neededFloor, floor));
        _needed = Math.Min(_needed + amount, burst);
    }

    /// <summary>What was heard counts no more.</summary>
    public void Forget() => (_left, IsKnown) = (0, false);

    /// <summary>What is to be asked, or null when there is nothing to be said.</summary>
    /// <param name="id">The counter.</param>
    /// <param name="rule">Its figures.</param>
    /// <param name="free">What may be taken here.</param>
    /// <param name="inUse">What is in use, where that is what counts.</param>
    /// <param name="now">Now, in microseconds.</param>
    public LimitAsk? Ask(string id, LimitRule rule, long free, long inUse, long now)
    {
        var room = Math.Max(0, free);
        var held = rule.IsConcurrency ? inUse + room : free;
        if (IsKnown && held == 0 && _needed == 0 && _used == _reportedUsed && _reportedHeld == 0 && _answered == Sequence)
        {
            return null;
        }

        var wanted = now - _lastTake > IdleMicros ? 0 : Math.Max(_taken, _takenBefore) * 2;
        (_takenBefore, _taken) = (_taken, 0);
        Sequence++;
        var ask = new LimitAsk
        {
            Id = id,
            Amount = rule.Amount,
            WindowMicros = rule.WindowMicros,
            Burst = rule.Burst,
            Sequence = Sequence,
            IsNew = !_isReported,
            Used = _reportedUsed = _used,
            Held = _reportedHeld = held,
            Free = room,
            Wanted = wanted,
            Needed = Math.Max(0, _needed - room),
            Least = Math.Max(0, _neededLeast - room),
            Floor = _neededFloor,
        };
        // Who still lacks something afterwards says so again.
        (_needed, _neededLeast, _neededFloor) = (0, 0, 0);
        return ask;
    }

    /// <summary>Takes the answer to the last question.</summary>
    public void Heard(LimitGrant grant, long now)
    {
        _reportedHeld += grant.Granted;
        (_left, _leftAt, IsKnown, _isReported, _answered) = (grant.Left, now, true, true, Sequence);
    }
}
