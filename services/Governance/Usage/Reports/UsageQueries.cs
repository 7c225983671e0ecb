using Dapper;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage.Reports;

/// <summary>Reports from the aggregates.</summary>
internal sealed class UsageQueries(Database database)
{
    /// <summary>Legal names of dimensions.</summary>
    public static IReadOnlyDictionary<string, UsageDimension> Dimensions { get; } = new Dictionary<string, UsageDimension>(StringComparer.Ordinal)
    {
        ["key"] = UsageDimension.Key,
        ["model"] = UsageDimension.Model,
        ["team"] = UsageDimension.Team,
        ["customer"] = UsageDimension.Customer,
        ["user"] = UsageDimension.User,
        ["provider"] = UsageDimension.Provider,
        ["route"] = UsageDimension.Route,
        ["tag"] = UsageDimension.Tag,
    };

    /// <summary>Whether there are percentiles for a question: of everything and by each dimension alone from histograms, of anything where records are counted.</summary>
    public static bool HasLatency(UsageQuestion question) => question.Interval == UsageInterval.Minute
        ? !question.Dimensions.Contains(UsageDimension.Tag) && question.GroupBy.Count <= 1
        : question.Dimensions switch
        {
            [] => true,
            [UsageDimension.Tag] => false,

            // Lists of the others would read all that is kept of them.
            [var one] => LatencyRow.ByStart.Contains(one) || question.Filters.Count + question.Values.Count > 0,
            _ => false,
        };

    /// <summary>Microseconds since 1970-01-01 UTC.</summary>
    public static long Micros(DateTimeOffset instant) => UsageTime.Micros(instant);

    /// <summary>Answers a question; null when its series would have too many points.</summary>
    public async Task<UsageReport?> ReportAsync(UsageQuestion question, ConfigState names, CancellationToken cancellation)
        => await UsagePartitions.ReadAsync(database, session => ReportAsync(session, question, names), cancellation).ConfigureAwait(false);

    private static async Task<UsageReport?> ReportAsync(DbSession session, UsageQuestion question, ConfigState names)
    {
        var months = await UsagePartitions.ListAsync(session).ConfigureAwait(false);
        var kept = await UsageRetained.ReadAsync(session).ConfigureAwait(false);
        var (from, to) = kept.Widen(UsageTime.Micros(question.From), UsageTime.Micros(question.To));
        if (UsageIntervals.Starts(question.Interval, question.TimeZone, from, to) is not { } starts)
        {
            return null;
        }

        starts = kept.Coarsen(starts, to);
        var segments = UsageSegments.Of(starts, to);
        var rows = await RowsAsync(session, question, segments, months).ConfigureAwait(false);

        // Requests count under each of their tags, so tags do not add up.
        var totals = question.GroupBy.Contains(UsageDimension.Tag)
            ? await RowsAsync(session, question with { GroupBy = [] }, segments, months).ConfigureAwait(false)
            : rows;
        (List<UsageRow> Totals, ILookup<UsageGroupKey, UsageRow> Groups)? previous = question.Compare
            ? await PreviousAsync(session, question, from, to, months, kept).ConfigureAwait(false)
            : null;
        var bins = question.Latency && starts.Count > 0 ? await BinsAsync(session, question, starts, to, months, kept).ConfigureAwait(false) : default;
        var latencies = bins.Rows?.GroupBy(r => r.Value, StringComparer.Ordinal).ToDictionary(g => g.Key, g => BinRow.ToLatency([.. g]), StringComparer.Ordinal);
        var groups = rows.GroupBy(r => r.Group).Select(g => (g.Key, Rows: g.ToList()))
            .OrderByDescending(g => g.Rows.Sum(r => r.Cost)).ThenByDescending(g => g.Rows.Sum(r => r.Requests)).ThenBy(g => g.Key.Sorted, StringComparer.Ordinal).ToList();
        var isSeries = question.Interval != UsageInterval.None;
        return new UsageReport
        {
            From = UsageTime.Instant(from),
            To = UsageTime.Instant(to),
            GroupBy = [.. question.GroupBy.Select(d => Dimensions.Single(n => n.Value == d).Key)],
            Interval = isSeries ? question.Interval.ToString().ToLowerInvariant() : null,
            TimeZone = isSeries ? question.TimeZone.Id : null,
            Total = UsageRow.Totals(totals),
            Previous = previous is { } all ? UsageRow.Totals(all.Totals) : null,
            Latency = bins.Rows is null ? null : BinRow.ToLatency(bins.Rows),
            Series = isSeries ? Percentiled(question, UsageRow.Series(totals, starts), bins) : null,
            Groups = question.GroupBy.Count == 0
                ? []
                :
                [
                    .. groups.Take(question.Limit).Select(g => g.Key.ToGroup(names) with
                    {
                        Totals = UsageRow.Totals(g.Rows),
                        Previous = previous is { } before ? UsageRow.Totals(before.Groups[g.Key]) : null,
                        Latency = question.GroupBy.Count == 1 ? latencies?.GetValueOrDefault(g.Key.Sorted) : null,
                        Series = isSeries ? UsageRow.Series(g.Rows, starts) : null,
                    }),
                ],
            Truncated = question.GroupBy.Count > 0 && groups.Count > question.Limit,
        };
    }

    private static async Task<List<UsageRow>> RowsAsync(DbSession session, UsageQuestion question, UsageSegments segments, IReadOnlyList<UsageMonth> months)
        => (await session.QueryAsync<UsageRow>(UsageSql.Of(question, segments, months, session.Dialect), new DynamicParameters(UsageSql.Parameters(question))).ConfigureAwait(false)).AsList();

    private static async Task<(List<UsageRow> Totals, ILookup<UsageGroupKey, UsageRow> Groups)> PreviousAsync(
        DbSession session, UsageQuestion question, long from, long to, IReadOnlyList<UsageMonth> months, UsageRetained kept)
    {
        var (start, end) = kept.Widen(Math.Max(0, from - (to - from)), from);
        var segments = UsageSegments.Of([start], end);
        var rows = await RowsAsync(session, question, segments, months).ConfigureAwait(false);
        var totals = question.GroupBy.Contains(UsageDimension.Tag) ? await RowsAsync(session, question with { GroupBy = [] }, segments, months).ConfigureAwait(false) : rows;
        return (totals, rows.ToLookup(r => r.Group));
    }

    private static async Task<Bins> BinsAsync(DbSession session, UsageQuestion question, IReadOnlyList<long> starts, long to, IReadOnlyList<UsageMonth> months, UsageRetained kept)
    {
        string sql;
        var points = question.GroupBy.Count > 0 ? [starts[0]] : starts;
        if (question.Interval == UsageInterval.Minute)
        {
            // No longer than three hours, whose records are read for the sums too.
            sql = UsageSql.HistogramOfRecords(question, UsageSegments.Of(points, to), months, session.Dialect);
        }
        else
        {
            // A histogram is of a whole hour, or a whole day where its hours are gone.
            var own = kept.OfLatency(question.Dimensions);
            points = question.Interval == UsageInterval.None ? [points[0]] : points;
            var (first, past) = own.Widen(UsageTime.Floor(points[0], UsageTime.Hour), UsageTime.Ceiling(to, UsageTime.Hour));
            points = own.Coarsen([first, .. points.Skip(1)], past);
            var segments = UsageSegments.Of(points, past);
            sql = segments.Months.Count + segments.Days.Count + segments.Hours.Count == 0 ? "" : UsageSql.Histogram(question, segments, session.Dialect);
        }

        return new Bins([starts[0], .. points.Skip(1)], sql.Length == 0 ? [] : await session.QueryAsync<BinRow>(sql, new DynamicParameters(UsageSql.Parameters(question))).ConfigureAwait(false));
    }

    private static IReadOnlyList<UsagePoint> Percentiled(UsageQuestion question, IReadOnlyList<UsagePoint> series, Bins bins)
    {
        if (bins.Rows is null || question.GroupBy.Count > 0)
        {
            return series;
        }

        var byPoint = bins.Rows.ToLookup(b => UsageTime.Instant(bins.Starts[(int)b.Point]));
        return [.. series.Select(p => byPoint[p.Start].ToList() is { Count: > 0 } found ? p with { Latency = BinRow.ToLatency(found) } : p)];
    }

    // The first histogram may begin before the range does; it is of the point that the range begins with.
    private readonly record struct Bins(IReadOnlyList<long> Starts, IReadOnlyList<BinRow>? Rows);

    private sealed class BinRow
    {
        private static readonly double[] Shares = [0.5, 0.9, 0.95, 0.99];

        public long Point { get; init; }

        public string Value { get; init; } = "";

        public int Bin { get; init; }

        public long Durations { get; init; }

        public long FirstBytes { get; init; }

        public static UsageLatency ToLatency(IReadOnlyList<BinRow> rows) => new()
        {
            Duration = Of([.. rows.Select(r => (r.Bin, r.Durations))]),
            FirstByte = Of([.. rows.Select(r => (r.Bin, r.FirstBytes))]),
        };

        private static Percentiles Of(IReadOnlyList<(int Bin, long Count)> counts)
        {
            var at = Shares.Select(s => LatencyBins.Percentile([.. counts.Where(c => c.Count > 0)], s)).ToArray();
            return new Percentiles(at[0], at[1], at[2], at[3]);
        }
    }
}
