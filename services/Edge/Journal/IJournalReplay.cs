using Gateway.Contracts.Usage;

namespace Gateway.Edge.Journal;

/// <summary>
/// The journal as a log that a second consumer replays after a crash, with its own durable positions and without regard to what was
/// acknowledged. The consumer keeps a position with its own checkpoint and, once that is durable, sets <see cref="RetainFrom"/> to it.
/// </summary>
internal interface IJournalReplay
{
    /// <summary>
    /// Everything before it is published; records after it may be, too. So a checkpoint that is exact to the record is one folded from the
    /// journal's own records up to a position; counters that run ahead of the journal may already hold some records after it.
    /// </summary>
    JournalPosition CurrentPosition { get; }

    /// <summary>
    /// Segments that hold records from here on are kept whether acknowledged or not. Starts at <see cref="JournalPosition.Start"/>, which
    /// keeps all, when <see cref="JournalOptions.HoldForReplay"/> is set, else at <see cref="JournalPosition.End"/>, which keeps none.
    /// </summary>
    JournalPosition RetainFrom { get; set; }

    /// <summary>
    /// Records published from <paramref name="from"/> on, in order, up to what is published when the end is reached. A position that is not
    /// of this journal's history (beyond its end) means: everything kept. What was damaged is skipped.
    /// </summary>
    /// <param name="from">Where to begin; a <see cref="JournalItem.Next"/> or a <see cref="CurrentPosition"/> of before.</param>
    IEnumerable<JournalItem> EnumerateFrom(JournalPosition from);
}

/// <summary>A record read back.</summary>
/// <param name="Record">The record.</param>
/// <param name="Next">The position after it.</param>
internal readonly record struct JournalItem(UsageRecord Record, JournalPosition Next);
