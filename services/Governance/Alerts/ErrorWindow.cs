namespace Gateway.Governance.Alerts;

/// <summary>Makes of sums that only grow how many requests of each provider came and failed of late. Sums that shrink, as older hours leave them, begin anew.</summary>
internal sealed class ErrorWindow
{
    // Sums are kept by the hour: those of the last hours are asked for, from a moment that moves seldom.
    private const int AnchorHours = 6;
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(61);

    private readonly List<(DateTimeOffset At, DateTimeOffset From, IReadOnlyDictionary<string, (long Requests, long Errors)> Sums)> _readings = [];

    /// <summary>From when sums are asked for.</summary>
    public static DateTimeOffset From(DateTimeOffset now)
    {
        var hours = now.ToUnixTimeSeconds() / 3_600;
        return DateTimeOffset.FromUnixTimeSeconds((hours - (hours % AnchorHours) - AnchorHours) * 3_600);
    }

    /// <summary>Takes on a reading.</summary>
    public void Add(DateTimeOffset now, IReadOnlyDictionary<string, (long Requests, long Errors)> sums)
    {
        _readings.Add((now, From(now), sums));
        _readings.RemoveAll(r => now - r.At > _longest);
    }

    /// <summary>What came in a window that ends with the latest reading; while there are no readings that far back, in what there are.</summary>
    public IEnumerable<(string Provider, long Requests, long Errors)> Over(TimeSpan window)
    {
        if (_readings.Count < 2)
        {
            yield break;
        }

        var (now, from, sums) = _readings[^1];
        var before = _readings.Where(r => r.From == from && r.At <= now - window).Select(static r => r.Sums).LastOrDefault() ?? _readings.First(r => r.From == from).Sums;
        foreach (var (provider, (requests, errors)) in sums)
        {
            var (earlier, failed) = before.GetValueOrDefault(provider);
            if (requests > earlier)
            {
                yield return (provider, requests - earlier, Math.Max(0, errors - failed));
            }
        }
    }
}
