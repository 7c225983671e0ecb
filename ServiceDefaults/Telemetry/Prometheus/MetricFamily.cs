using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>All series of one metric name.</summary>
internal sealed class MetricFamily
{
    private static readonly TagSet OverflowTags = new([new KeyValuePair<string, string>("overflow", "true")]);

    private readonly ConcurrentDictionary<TagSet, Series> series = new(TagSetComparer.Instance);
    private readonly ConcurrentDictionary<TagSet, Series>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> lookup;
    private readonly int limit;
    private readonly TimeProvider time;
    private readonly Series overflow;
    private int count;
    private int overflowed;

    public MetricFamily(string name, SeriesKind kind, Recording recording, Instrument instrument, int limit, TimeProvider time)
    {
        this.time = time;
        Unit = MetricName.Unit(instrument.Unit);
        Name = name;
        Kind = kind;
        Recording = recording;
        Help = instrument.Description ?? "";
        Bounds = kind == SeriesKind.Histogram ? Buckets.For(instrument) : [];
        this.limit = Math.Max(1, limit);
        lookup = series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        overflow = Create(OverflowTags);
    }

    public string Name { get; }

    public SeriesKind Kind { get; }

    public Recording Recording { get; }

    public string Help { get; }

    /// <summary>The unit as a word, or empty.</summary>
    public string Unit { get; }

    public double[] Bounds { get; }

    /// <summary>Number of the running or last collection, from 1; written by the collector alone.</summary>
    public int Collection { get; set; }

    public void Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Kind == SeriesKind.Histogram)
        {
            ((HistogramSeries)Find(tags)).Record(value);
            return;
        }

        var number = (NumberSeries)Find(tags);
        if (Replaces(number))
        {
            number.Set(value);
        }
        else if (value >= 0 || Kind != SeriesKind.Counter)
        {
            number.Add(value);
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // Once in a sum, a NaN would never leave it.
        if (double.IsNaN(value) && Recording == Recording.Add)
        {
            return;
        }

        if (Kind == SeriesKind.Histogram)
        {
            ((HistogramSeries)Find(tags)).Record(value);
            return;
        }

        var number = (NumberSeries)Find(tags);
        if (Replaces(number))
        {
            number.Set(value);
        }
        else if (value >= 0 || Kind != SeriesKind.Counter)
        {
            number.Add(value);
        }
    }

    /// <summary>Series to show, in a stable order of no meaning.</summary>
    public IEnumerable<Series> Read()
    {
        foreach (var entry in series)
        {
            if (IsShown(entry.Value))
            {
                yield return entry.Value;
            }
        }

        if (Volatile.Read(ref overflowed) != 0 && IsShown(overflow))
        {
            yield return overflow;
        }
    }

    // An observed series is replaced by the first report of a collection; further ones, such as all that overflowed, add up.
    private bool Replaces(NumberSeries number)
    {
        if (Recording != Recording.Observe)
        {
            return Recording == Recording.Set;
        }

        var first = number.Collection != Collection;
        number.Collection = Collection;
        return first;
    }

    private bool IsShown(Series shown) => Recording != Recording.Observe || shown.Collection == Collection;

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        => lookup.TryGetValue(tags, out var known) ? known : Add(tags);

    private Series Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Volatile.Read(ref count) >= limit)
        {
            return Overflow();
        }

        if (Interlocked.Increment(ref count) > limit)
        {
            Interlocked.Decrement(ref count);
            return Overflow();
        }

        var added = Create(TagSet.From(tags));
        var winner = series.GetOrAdd(added.Tags, added);
        if (!ReferenceEquals(winner, added))
        {
            Interlocked.Decrement(ref count);
        }

        return winner;
    }

    private Series Overflow()
    {
        Volatile.Write(ref overflowed, 1);
        return overflow;
    }

    private Series Create(TagSet tags) => Kind == SeriesKind.Histogram ? new HistogramSeries(tags, Bounds, time) : new NumberSeries(tags);
}
