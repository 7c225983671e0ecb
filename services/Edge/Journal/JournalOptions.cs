namespace Gateway.Edge.Journal;

/// <summary>How the journal keeps its files.</summary>
internal sealed record JournalOptions
{
    /// <summary>Folder of the journal, made when missing.</summary>
    public required string Directory { get; init; }

    /// <summary>Size of a segment file in bytes. Default 16 MiB; 64 KiB to 1 GiB, a multiple of 4,096.</summary>
    public int SegmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Longest time between two flushes to the disk: what a power cut can cost at most. Default 1 s.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// True when nothing acknowledges records (an edge alone): they stay as local history until <see cref="MaxBytes"/> is passed, then the
    /// oldest go. False: records are kept until acknowledged, and beyond <see cref="MaxBytes"/> appends are refused.
    /// </summary>
    public bool LocalHistory { get; init; }

    /// <summary>Most bytes of all segments together; null: 256 MiB of local history, else 4 GiB. At least three segments.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>True when a consumer of <see cref="IJournalReplay"/> will set <see cref="IJournalReplay.RetainFrom"/>; until it does, nothing is dropped (local history beyond <see cref="MaxBytes"/> excepted).</summary>
    public bool HoldForReplay { get; init; }
}
