namespace Gateway.Edge.Routing.Health;

/// <summary>Times to the first token: a moving average that forgets, and the last few for percentiles. Not thread-safe.</summary>
internal sealed class LatencyTracker
{
    /// <summary>Age after which the average says nothing about now.</summary>
    public const int StaleMs = 60_000;

    private const double Share = 0.2;
    private const int Kept = 64;
    private const int Least = 20;

    private readonly float[] _recent = new float[Kept];
    private int _count;
    private double _average;
    private long _lastMs = long.MinValue;

    public void Add(double milliseconds, long nowMs)
    {
        _average = IsFresh(nowMs) ? _average + (Share * (milliseconds - _average)) : milliseconds;
        _lastMs = nowMs;
        _recent[_count++ % Kept] = (float)milliseconds;
    }

    /// <summary>The average, or null without a recent sample.</summary>
    public double? Average(long nowMs) => IsFresh(nowMs) ? _average : null;

    /// <summary>A percentile of the last samples, or null while there are too few.</summary>
    public double? Percentile(int percent)
    {
        var known = Math.Min(_count, Kept);
        if (known < Least)
        {
            return null;
        }

        Span<float> sorted = stackalloc float[known];
        _recent.AsSpan(0, known).CopyTo(sorted);
        sorted.Sort();
        return sorted[Math.Min(known - 1, known * percent / 100)];
    }

    private bool IsFresh(long nowMs) => _lastMs != long.MinValue && nowMs - _lastMs <= StaleMs;
}
