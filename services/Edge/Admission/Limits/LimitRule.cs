using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Limits;

/// <summary>A rate limit of the configuration, ready to be matched and counted.</summary>
internal sealed class LimitRule
{
    private const long MicrosPerSecond = 1_000_000;
    private const int MillisecondsPerSecond = 1_000;

    private readonly long _normalFloor;
    private readonly long _lowFloor;

    public LimitRule(LimitEntry entry, string over)
    {
        Entry = entry;
        Over = over;
        var unit = Unit;
        Amount = entry.Amount * unit;
        Burst = IsConcurrency ? Amount : (entry.Burst ?? entry.Amount) * unit;
        WindowMicros = IsConcurrency ? 0 : entry.WindowSeconds * MicrosPerSecond;
        _normalFloor = Floor(entry.NormalPercent);
        _lowFloor = Floor(entry.LowPercent);
        Text = Describe(entry);

        // Those in short form have the metric in their id.
        CounterId = entry.Name.Length == 0 ? entry.Id : $"{entry.Id}:{LimitUnits.Name(entry.Metric)}";
    }

    public LimitEntry Entry { get; }

    public string Id => Entry.Id;

    /// <summary>What its counters are known by. A limit that counts something else from now on begins anew.</summary>
    public string CounterId { get; }

    /// <summary>Whom it stands over, as callers read it: <c>key</c>, <c>team</c>, <c>model</c>.</summary>
    public string Over { get; }

    public LimitMetric Metric => Entry.Metric;

    public bool IsConcurrency => Metric == LimitMetric.ConcurrentRequests;

    /// <summary>Inflow of one window, in units of the counter: recordings are counted in milliseconds.</summary>
    public long Amount { get; }

    public long Burst { get; }

    /// <summary>0 where it counts what is in use.</summary>
    public long WindowMicros { get; }

    /// <summary>The limit as callers read it: <c>100 requests in 60 s</c>.</summary>
    public string Text { get; }

    /// <summary>Units of the counter in one unit of the configuration.</summary>
    public int Unit => Metric == LimitMetric.AudioSeconds ? MillisecondsPerSecond : 1;

    /// <summary>True when what is left of it says nothing of what others have used.</summary>
    public bool IsCallersOwn { get; init; }

    /// <summary>True when it is the caller's own only as long as nobody else calls with the same key.</summary>
    public bool IsOwnByKey { get; init; }

    /// <summary>True when a caller may see what is left of it.</summary>
    public bool ShowsLeft(LimitSet set) => IsCallersOwn && !(IsOwnByKey && set.IsShared);

    /// <summary>What has to stay for requests of higher priority.</summary>
    public long Floor(PriorityClass priority) => priority switch
    {
        PriorityClass.High => 0,
        PriorityClass.Normal => _normalFloor,
        _ => _lowFloor,
    };

    private long Floor(int percent) => (long)((Int128)Burst * (100 - percent) / 100);

    private static string Describe(LimitEntry entry) => entry.Metric switch
    {
        LimitMetric.ConcurrentRequests => FormattableString.Invariant($"{entry.Amount} requests at the same time"),
        LimitMetric.InputTokens => Rate(entry, "input tokens"),
        LimitMetric.OutputTokens => Rate(entry, "output tokens"),
        LimitMetric.TotalTokens => Rate(entry, "tokens"),
        LimitMetric.Images => Rate(entry, "images"),
        LimitMetric.AudioSeconds => Rate(entry, "seconds of audio"),
        _ => Rate(entry, "requests"),
    };

    private static string Rate(LimitEntry entry, string unit) =>
        entry.WindowSeconds == 60 ? FormattableString.Invariant($"{entry.Amount} {unit} a minute") : FormattableString.Invariant($"{entry.Amount} {unit} in {entry.WindowSeconds} s");
}
