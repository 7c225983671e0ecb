namespace Gateway.Edge.Journal;

/// <summary>Sizes and waits of the <see cref="UsageUploader"/>.</summary>
internal sealed record UploaderOptions
{
    /// <summary>Most records of a batch. Default 1,000; 1 to 5,000.</summary>
    public int BatchRecords { get; init; } = 1000;

    /// <summary>How often an idle uploader looks for records. Default 50 ms.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Wait after the first failure; doubled after each further one, with up to half of it taken off at random. Default 100 ms.</summary>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait between two attempts. Default 30 s.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for an answer. Default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest final delivery when the edge stops. Default 3 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Records that must wait before any are summed. Default 50,000: ten seconds of 5,000 a second.</summary>
    public long SumAbove { get; init; } = 50_000;

    /// <summary>Records that wait when summing ends. Default 5,000.</summary>
    public long SumBelow { get; init; } = 5_000;

    /// <summary>How long their number must not have fallen, with records being delivered. Default 10 s.</summary>
    public TimeSpan SumAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Share of the journal's size from which summing begins at once: soon it would have to refuse requests. Default a half.</summary>
    public double SumAtFill { get; init; } = 0.5;
}
