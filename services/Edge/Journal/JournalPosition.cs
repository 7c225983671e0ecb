using System.Globalization;

namespace Gateway.Edge.Journal;

/// <summary>A place in the journal: a segment's number and a byte offset in it. Ordered; stays valid across restarts.</summary>
/// <param name="Segment">Number of the segment; numbers of one journal folder only grow.</param>
/// <param name="Offset">Byte offset in the segment.</param>
internal readonly record struct JournalPosition(long Segment, int Offset) : IComparable<JournalPosition>
{
    /// <summary>Before every record.</summary>
    public static JournalPosition Start => default;

    /// <summary>After every record there will ever be.</summary>
    public static JournalPosition End => new(long.MaxValue, int.MaxValue);

    /// <inheritdoc/>
    public int CompareTo(JournalPosition other)
        => Segment != other.Segment ? Segment.CompareTo(other.Segment) : Offset.CompareTo(other.Offset);

    /// <summary>True when <paramref name="left"/> lies before <paramref name="right"/>.</summary>
    public static bool operator <(JournalPosition left, JournalPosition right) => left.CompareTo(right) < 0;

    /// <summary>True when <paramref name="left"/> lies after <paramref name="right"/>.</summary>
    public static bool operator >(JournalPosition left, JournalPosition right) => left.CompareTo(right) > 0;

    /// <summary>True when <paramref name="left"/> does not lie after <paramref name="right"/>.</summary>
    public static bool operator <=(JournalPosition left, JournalPosition right) => left.CompareTo(right) <= 0;

    /// <summary>True when <paramref name="left"/> does not lie before <paramref name="right"/>.</summary>
    public static bool operator >=(JournalPosition left, JournalPosition right) => left.CompareTo(right) >= 0;

    /// <summary>For logs.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Segment}:{Offset}");
}
