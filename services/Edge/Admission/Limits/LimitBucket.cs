namespace Gateway.Edge.Admission.Limits;

/// <summary>
/// A token bucket that fills evenly: the generic cell rate algorithm, told from the bucket's side. Exact: what it holds is counted in units times microseconds of the
/// window, in which what flows in within a microsecond is a whole number. Not safe for use by several threads at once.
/// </summary>
internal struct LimitBucket
{
    private Int128 _level;
    private long _at;
    private long _amount;
    private long _window;
    private long _burst;
    private int _parts;

    /// <param name="amount">What flows in within a window.</param>
    /// <param name="windowMicros">The window; 0: nothing flows in, what is taken is given back.</param>
    /// <param name="burst">The most it holds.</param>
    /// <param name="level">What is in it.</param>
    /// <param name="now">Now, in microseconds.</param>
    public LimitBucket(long amount, long windowMicros, long burst, long level, long now)
    {
        (_amount, _window, _burst, _parts, _at) = (windowMicros == 0 ? 0 : amount, Math.Max(1, windowMicros), burst, 1, now);
        _level = (Int128)level * _window;
    }

    /// <summary>What is in it, rounded down.</summary>
    public readonly long Level => (long)(_level >= 0 ? _level / _window : (_level - _window + 1) / _window);

    /// <summary>The most it holds at present.</summary>
    public readonly long Most => _parts == 0 ? _burst : _burst / _parts;

    /// <summary>Sets which part of the inflow and of the burst is this bucket's.</summary>
    /// <param name="parts">One in so many; 0: nothing flows in by itself.</param>
    /// <param name="now">Now, in microseconds.</param>
    public void Share(int parts, long now)
    {
        Fill(now);
        _parts = parts;
    }

    /// <summary>Takes other figures into force: the bucket stays as full, in proportion, as it is.</summary>
    public void Change(long amount, long windowMicros, long burst, long now)
    {
        Fill(now);
        var window = Math.Max(1, windowMicros);
        _level = windowMicros == 0 ? _level + ((Int128)(burst - _burst) * window) : _level * burst * window / ((Int128)_burst * _window);
        (_amount, _window, _burst) = (windowMicros == 0 ? 0 : amount, window, burst);
    }

    /// <summary>Lets time flow in.</summary>
    public void Fill(long now)
    {
        var passed = Math.Max(0, now - _at);
        _at += passed;
        var most = (Int128)_burst * _window / Math.Max(1, _parts);
        if (_amount > 0 && _parts > 0 && _level < most)
        {
            var flowed = _level + ((Int128)passed * _amount / _parts);
            _level = flowed < most ? flowed : most;
        }
    }

    /// <summary>True when it holds an amount beside what has to stay.</summary>
    public readonly bool Has(long amount, long floor) => _level >= ((Int128)amount + floor) * _window;

    /// <summary>Takes out, below zero too.</summary>
    public void Take(long amount) => _level -= (Int128)amount * _window;

    /// <summary>Puts in, without regard to what it may hold.</summary>
    public void Put(long amount) => _level += (Int128)amount * _window;

    /// <summary>Puts back what was not used, as far as it holds it.</summary>
    public void PutBack(long amount)
    {
        var most = (Int128)_burst * _window / Math.Max(1, _parts);
        var put = _level + ((Int128)amount * _window);
        _level = put <= most ? put : _level > most ? _level : most;
    }

    /// <summary>Lets nothing flow in by itself, nor what would have flowed in since.</summary>
    public void Freeze() => _parts = 0;

    /// <summary>Takes out what is above an amount.</summary>
    public void Cut(long most) => _level = Int128.Min(_level, (Int128)most * _window);

    /// <summary>Leaves whole units only.</summary>
    public void Round() => _level = (Int128)Level * _window;

    /// <summary>Empties it.</summary>
    public void Clear() => _level = 0;

    /// <summary>Microseconds until it holds an amount beside what has to stay, if nobody takes any; -1 when time does not help.</summary>
    public readonly long WaitFor(long amount, long floor)
    {
        var missing = (((Int128)amount + floor) * _window) - _level;
        return missing <= 0 ? 0 : _amount == 0 || _parts == 0 ? -1 : (long)Int128.Min(((missing * _parts) + _amount - 1) / _amount, long.MaxValue / 4);
    }
}
