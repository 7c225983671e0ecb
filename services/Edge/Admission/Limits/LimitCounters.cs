using System.Collections.Concurrent;

namespace Gateway.Edge.Admission.Limits;

/// <summary>The counters of one limit, by the values they are for. They survive changes of configuration.</summary>
internal sealed class LimitCounters(LimitRule rule, LimitSharing sharing)
{
    /// <summary>The value that all share for which there is no more room.</summary>
    private const string Others = "*";

    private const long SweepMicros = 1_000_000;

    private readonly ConcurrentDictionary<string, LimitCounter> _counters = new(StringComparer.Ordinal);
    private long _sweptAt;

    public LimitRule Rule { get; private set; } = rule;

    /// <summary>Takes other figures into force.</summary>
    public void Change(LimitRule rule)
    {
        Rule = rule;
        foreach (var counter in _counters.Values)
        {
            counter.Change(rule);
        }
    }

    /// <summary>The counter for accounts of the configuration, of which there are only so many.</summary>
    public LimitCounter Of(string value) =>
        _counters.TryGetValue(value, out var known) ? known : _counters.GetOrAdd(value, static (v, self) => self.Create(v), this);

    /// <summary>The counter for what a caller says, of which there may be any number.</summary>
    public LimitCounter OfWords(string value)
    {
        if (_counters.TryGetValue(value, out var known))
        {
            return known;
        }

        if (_counters.Count >= Rule.Entry.MostCounters)
        {
            Sweep();
        }

        return Of(_counters.Count >= Rule.Entry.MostCounters ? Others : value);
    }

    private void Sweep()
    {
        var now = sharing.Now;
        var before = Volatile.Read(ref _sweptAt);
        if (now - before < SweepMicros || Interlocked.CompareExchange(ref _sweptAt, now, before) != before)
        {
            return;
        }

        foreach (var (value, counter) in _counters)
        {
            // A full counter is the same as a new one.
            if (counter.IsFull && counter.Queue is not { Count: > 0 })
            {
                _counters.TryRemove(value, out _);
            }
        }
    }

    private LimitCounter Create(string value) => new(value.Length == 0 ? Rule.CounterId : $"{Rule.CounterId}|{value}", Rule, sharing);
}
