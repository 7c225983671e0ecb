namespace Gateway.Edge.Admission.Estimates;

/// <summary>How often each bucket was met lately: when it holds many, older ones count half.</summary>
internal sealed class DecayingHistogram(int buckets)
{
    private const int Most = 4_096;

    private readonly Lock _lock = new();
    private readonly int[] _counts = new int[buckets];
    private int _total;

    /// <summary>Counts one more.</summary>
    /// <param name="bucket">Its bucket; what lies beyond the last is counted there.</param>
    public void Add(int bucket)
    {
        lock (_lock)
        {
            _counts[Math.Clamp(bucket, 0, buckets - 1)]++;
            if (++_total < Most)
            {
                return;
            }

            _total = 0;
            for (var i = 0; i < buckets; i++)
            {
                _counts[i] /= 2;
                _total += _counts[i];
            }
        }
    }

    /// <summary>The bucket below or in which a share of what was counted lies; null before there is enough to say.</summary>
    /// <param name="percent">The share.</param>
    /// <param name="atLeast">How many make enough.</param>
    public int? Percentile(int percent, int atLeast)
    {
        lock (_lock)
        {
            if (_total < atLeast)
            {
                return null;
            }

            var left = (((long)_total * percent) + 99) / 100;
            for (var i = 0; i < buckets; i++)
            {
                left -= _counts[i];
                if (left <= 0)
                {
                    return i;
                }
            }

            return buckets - 1;
        }
    }
}
