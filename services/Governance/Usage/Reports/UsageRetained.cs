using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Usage.Reports;

/// <summary>Since when records, hourly and daily aggregates, and hourly histograms of single values are there; what is older has been dropped by retention.</summary>
internal sealed record UsageRetained(long Records, long Hours, long Days, long Latencies)
{
    /// <summary>Kind of records in <c>usage_retained</c>.</summary>
    public const string RecordKind = "records";

    /// <summary>Kind of hourly aggregates.</summary>
    public const string HourKind = "hours";

    /// <summary>Kind of daily aggregates.</summary>
    public const string DayKind = "days";

    /// <summary>Kind of monthly aggregates.</summary>
    public const string MonthKind = "months";

    /// <summary>Kind of hourly histograms of keys, teams, customers, users and routes.</summary>
    public const string LatencyKind = "latencies";

    public static async Task<UsageRetained> ReadAsync(DbSession session)
    {
        var rows = await session.QueryAsync<Row>("SELECT kind AS Kind, since AS Since FROM usage_retained").ConfigureAwait(false);
        return new UsageRetained(Since(RecordKind), Since(HourKind), Since(DayKind), Since(LatencyKind));

        long Since(string kind) => rows.FirstOrDefault(r => r.Kind == kind)?.Since ?? 0;
    }

    /// <summary>Notes since when a kind is there.</summary>
    public static Task<int> NoteAsync(DbSession session, string kind, long since) => session.ExecuteAsync(
        "INSERT INTO usage_retained (kind, since) VALUES (@kind, @since) ON CONFLICT (kind) DO UPDATE SET since = excluded.since WHERE usage_retained.since < excluded.since", new { kind, since });

    /// <summary>The range in what is kept of its time: whole hours where records are gone, whole days where hours are, whole months where days are.</summary>
    public (long From, long To) Widen(long from, long to)
    {
        var start = from < Days ? UsageTime.FloorMonth(from) : UsageTime.Floor(from, UnitAt(from));
        return (start, to <= from ? start + (to - from) : Ceiling(to));
    }

    /// <summary>The same of the histograms that answer for some dimensions.</summary>
    public UsageRetained OfLatency(IReadOnlyList<UsageDimension> dimensions)
        => dimensions is [var one] && !LatencyRow.ByStart.Contains(one) ? this with { Hours = Math.Max(Hours, Latencies) } : this;

    /// <summary>Starts of intervals in what is kept of their time, so that whatever is kept lies in one of them: points that are finer than that become one.</summary>
    public IReadOnlyList<long> Coarsen(IReadOnlyList<long> starts, long to)
    {
        var kept = new List<long>(starts.Count);
        foreach (var start in starts.Select((s, i) => i == 0 ? s : Ceiling(s)))
        {
            if (kept.Count == 0 || (start > kept[^1] && start < to))
            {
                kept.Add(start);
            }
        }

        return kept;
    }

    private long Ceiling(long micros) => micros < Days ? UsageTime.CeilingMonth(micros) : UsageTime.Ceiling(micros, UnitAt(micros));

    private long UnitAt(long micros) => micros < Hours ? UsageTime.Day : micros < Records ? UsageTime.Hour : 1;

    private sealed class Row
    {
        public required string Kind { get; init; }

        public long Since { get; init; }
    }
}
