namespace Gateway.ServiceDefaults.Telemetry.Prometheus;

/// <summary>One set of labels of one instrument, and what was measured for it. Recorded by any thread without a lock.</summary>
internal abstract class Series(TagSet tags)
{
    public TagSet Tags { get; } = tags;

    /// <summary>The last collection that reported this series; only observable instruments use it.</summary>
    public int Collection { get; set; }
}

/// <summary>A number: whole numbers are added up exactly until a fraction comes.</summary>
internal sealed class NumberSeries(TagSet tags) : Series(tags)
{
    private long whole;
    private double fraction;

    public double Value => Interlocked.Read(ref whole) + Volatile.Read(ref fraction);

    /// <summary>The value when it is whole, so that it can be shown with all its digits.</summary>
    public long? Whole => Volatile.Read(ref fraction) == 0 ? Interlocked.Read(ref whole) : null;

    public void Add(long amount) => Interlocked.Add(ref whole, amount);

    public void Add(double amount) => AtomicDouble.Add(ref fraction, amount);

    public void Set(long value)
    {
        Interlocked.Exchange(ref whole, value);
        Interlocked.Exchange(ref fraction, 0);
    }

    public void Set(double value)
    {
        Interlocked.Exchange(ref whole, 0);
        Interlocked.Exchange(ref fraction, value);
    }
}

/// <summary>Counts per bucket and a sum. The count of all is the sum of the buckets, so the two never disagree.</summary>
internal sealed class HistogramSeries(TagSet tags, double[] bounds, TimeProvider time) : Series(tags)
{
    private readonly long[] counts = new long[bounds.Length + 1];
    private readonly ExemplarValue?[] exemplars = new ExemplarValue?[bounds.Length + 1];
    private double sum;

    public double Sum => Volatile.Read(ref sum);

    public void Record(double value)
    {
        // A value on a boundary belongs to the bucket it bounds: le means less or equal.
        var index = Array.BinarySearch(bounds, value);
        index = index >= 0 ? index : ~index;
        Interlocked.Increment(ref counts[index]);
        AtomicDouble.Add(ref sum, value);
        if (Exemplar.Current() is var traceId && traceId != 0)
        {
            Volatile.Write(ref exemplars[index], new ExemplarValue(traceId, value, time.GetUtcNow()));
        }
    }

    /// <summary>The latest measurement of a bucket that belongs to a trace; null for none.</summary>
    public ExemplarValue? ExemplarOf(int bucket) => Volatile.Read(ref exemplars[bucket]);

    public long Count(int bucket) => Interlocked.Read(ref counts[bucket]);
}

internal static class AtomicDouble
{
    public static void Add(ref double target, double amount)
    {
        var current = Volatile.Read(ref target);
        while (true)
        {
            var seen = Interlocked.CompareExchange(ref target, current + amount, current);
            if (seen.Equals(current))
            {
                return;
            }

            current = seen;
        }
    }
}
