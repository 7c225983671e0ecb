using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Reports;

/// <summary>Since when records and hourly aggregates are there; what is older has been dropped by retention.</summary>
internal sealed record UsageRetained(long Records, long Hours)
{
    /// <summary>Kind of records in <c>usage_retained</c>.</summary>
    public const string RecordKind = "records";

    /// <summary>Kind of hourly aggregates.</summary>
    public const string HourKind = "hours";

    /// <summary>Kind of daily aggregates.</summary>
    public const string DayKind = "days";

    public static async Task<UsageRetained> ReadAsync(DbSession session)
    {
        var rows = await session.QueryAsync<Row>("SELECT kind AS Kind, since AS Since FROM usage_retained").ConfigureAwait(false);
        return new UsageRetained(rows.FirstOrDefault(r => r.Kind == RecordKind)?.Since ?? 0, rows.FirstOrDefault(r => r.Kind == HourKind)?.Since ?? 0);
    }

    /// <summary>Notes since when a kind is there.</summary>
    public static Task<int> NoteAsync(DbSession session, string kind, long since) => session.ExecuteAsync(
        "INSERT INTO usage_retained (kind, since) VALUES (@kind, @since) ON CONFLICT (kind) DO UPDATE SET since = excluded.since WHERE usage_retained.since < excluded.since", new { kind, since });

    /// <summary>The range in what is kept of its time: whole hours where records are gone, whole days where hours are.</summary>
    public (long From, long To) Widen(long from, long to)
        => (UsageTime.Floor(from, UnitAt(from)), to <= from ? UsageTime.Floor(from, UnitAt(from)) + (to - from) : UsageTime.Ceiling(to, UnitAt(to)));

    private long UnitAt(long micros) => micros < Hours ? UsageTime.Day : micros < Records ? UsageTime.Hour : 1;

    private sealed class Row
    {
        public required string Kind { get; init; }

        public long Since { get; init; }
    }
}
