using Gateway.Budgets;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>What an edge without governance has spent in one window, earlier runs included: a sum, or for a rolling window the parts that still count.</summary>
internal sealed class LocalSpend(long partLength)
{
    private readonly SortedDictionary<long, long>? _parts = partLength == 0 ? null : [];
    private long _sum;
    private long _nextEnd = long.MaxValue;

    /// <summary>Counts an amount.</summary>
    /// <param name="micros">The start of the request, which says what part it counts in.</param>
    /// <param name="nanoUsd">What it cost.</param>
    public void Add(long micros, long nanoUsd)
    {
        if (nanoUsd == 0)
        {
            return;
        }

        _sum += nanoUsd;
        if (_parts is not null)
        {
            var part = RollingWindows.PartOf(micros, partLength);
            _parts[part] = _parts.GetValueOrDefault(part) + nanoUsd;
            _nextEnd = Math.Min(_nextEnd, RollingWindows.CountsUntil(part, partLength));
        }
    }

    /// <summary>Reads what a hold reads; see <see cref="Nearness"/>.</summary>
    public long Touch() => Volatile.Read(ref _sum);

    /// <summary>What counts at a moment.</summary>
    public long Within(long nowMicros)
    {
        while (nowMicros >= _nextEnd)
        {
            var first = _parts!.First();
            _sum -= first.Value;
            _parts!.Remove(first.Key);
            _nextEnd = _parts.Count == 0 ? long.MaxValue : RollingWindows.CountsUntil(_parts.First().Key, partLength);
        }

        return _sum;
    }
}
