using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage.Reports;

/// <summary>The SQL of a report.</summary>
internal static class UsageSql
{
    private static readonly string Sums = string.Join(", ", UsageSums.Columns.Select(c => $"CAST(COALESCE(SUM({c}), 0) AS BIGINT) AS {c.Replace("_", "", StringComparison.Ordinal)}"));
    private static readonly string Columns = string.Join(", ", UsageSums.Columns);

    /// <summary>Column of a dimension in the cube and in the records.</summary>
    public static string ColumnOf(UsageDimension dimension) => dimension switch
    {
        UsageDimension.Key => "key_id",
        UsageDimension.Model => "model",
        UsageDimension.Team => "team_id",
        UsageDimension.Customer => "customer_id",
        UsageDimension.User => "user_id",
        UsageDimension.Provider => "provider_id",
        UsageDimension.Route => "route",
        _ => throw new ArgumentOutOfRangeException(nameof(dimension)),
    };

    /// <summary>Sums by point and group.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="segments">Where it is to be found.</param>
    /// <param name="months">The months whose records there are.</param>
    /// <param name="dialect">The store's.</param>
    public static string Of(UsageQuestion question, UsageSegments segments, IReadOnlyList<UsageMonth> months, SqlDialect dialect)
    {
        var dimensions = question.Dimensions;
        var alone = dimensions.Count <= 1;
        var parts = new List<string>();
        Add(segments.Months, alone ? "usage_by_month" : "usage_cube_month");
        Add(segments.Days, alone ? "usage_by_day" : "usage_cube_day");
        Add(segments.Hours, alone ? "usage_by_hour" : "usage_cube_hour");
        parts.AddRange(segments.Records.SelectMany(s => Records(s, dimensions, months, dialect)));
        if (parts.Count == 0)
        {
            // Nothing can be there; the question is still one that has an answer.
            parts.AddRange(Records(new UsageSegment(0, 0, 0), dimensions, [.. months.Take(1)], dialect));
        }

        var grouped = string.Concat(question.GroupBy.Select(d => $", {NameOf(d)}"));
        return $"SELECT point{grouped}, {Sums} FROM ({string.Join(" UNION ALL ", parts)}) u WHERE 1 = 1{Filter(question)} GROUP BY point{grouped}";

        void Add(List<UsageSegment> found, string table)
        {
            var selected = alone
                ? dimensions.Count == 0 ? "" : $", value AS {NameOf(dimensions[0])}"
                : string.Concat(dimensions.Select(d => $", {ColumnOf(d)} AS {NameOf(d)}"));
            var only = alone
                ? $"t.dimension = {(int)(dimensions.Count == 0 ? UsageDimension.Total : dimensions[0])} AND "
                    + (question.Filters.Count == 1 ? "t.value = @f0 AND " : "")
                : "";
            if (found.Count is > 0 and <= 4)
            {
                parts.AddRange(found.Select(s => $"SELECT {s.Point} AS point{selected}, {Columns} FROM {table} t WHERE {only}t.start >= {s.First} AND t.start < {s.Past}"));
            }
            else if (found.Count > 0)
            {
                // Each stretch is a range of the key, found by itself.
                parts.Add($"SELECT s.point AS point{selected}, {Columns} FROM {Stretches(found)} JOIN {table} t ON {only}t.start >= s.first AND t.start < s.past");
            }
        }
    }

    /// <summary>Counts by point, group and bin of histograms.</summary>
    public static string Histogram(UsageQuestion question, UsageSegments segments)
    {
        var dimension = question.Dimensions is [var one] ? one : UsageDimension.Total;
        var only = question.Filters.Count == 1 ? " AND t.value = @f0" : "";
        var parts = new List<string>();
        Add(segments.Months, "usage_latency_month");
        Add(segments.Days, "usage_latency_day");
        Add(segments.Hours, "usage_latency_hour");
        return $"SELECT point AS Point, value AS Value, bin AS Bin, CAST(SUM(durations) AS BIGINT) AS Durations, CAST(SUM(first_bytes) AS BIGINT) AS FirstBytes FROM ({string.Join(" UNION ALL ", parts)}) l GROUP BY point, value, bin";

        void Add(List<UsageSegment> found, string table)
        {
            if (found.Count > 0)
            {
                parts.Add($"SELECT s.point AS point, value, bin, durations, first_bytes FROM {Stretches(found)} JOIN {table} t ON t.dimension = {(int)dimension} AND t.start >= s.first AND t.start < s.past{only}");
            }
        }
    }

    /// <summary>Values of the filters, by the names that the SQL has for them.</summary>
    public static Dictionary<string, object> Parameters(UsageQuestion question)
        => question.Filters.Values.Select((value, i) => ($"f{i}", value)).ToDictionary(p => p.Item1, p => (object)p.value, StringComparer.Ordinal);

    /// <summary>Name of a dimension's column in the result.</summary>
    public static string NameOf(UsageDimension dimension) => $"By{dimension}";

    private static string Stretches(List<UsageSegment> found)
        => $"(WITH stretches (point, first, past) AS (VALUES {string.Join(", ", found.Select(s => $"({s.Point}, CAST({s.First} AS BIGINT), CAST({s.Past} AS BIGINT))"))}) SELECT * FROM stretches) s";

    private static string Filter(UsageQuestion question)
        => string.Concat(question.Filters.Keys.Select((d, i) => $" AND {NameOf(d)} = @f{i}"));

    private static IEnumerable<string> Records(UsageSegment segment, IReadOnlyList<UsageDimension> dimensions, IReadOnlyList<UsageMonth> months, SqlDialect dialect)
    {
        var range = $"started_at >= {segment.First} AND started_at < {segment.Past}";
        foreach (var month in months.Where(m => segment.Past == 0 || (m.First < segment.Past && m.Past > segment.First)))
        {
            if (dimensions is [UsageDimension.Tag])
            {
                var tags = $"SELECT DISTINCT value FROM usage_by_day WHERE dimension = {(int)UsageDimension.Tag} AND start >= {UsageTime.Floor(segment.First, UsageTime.Day)} AND start < {segment.Past}";
                yield return $"SELECT {segment.Point} AS point, g.value AS {NameOf(UsageDimension.Tag)}, {UsageSums.OfRecords} FROM {month.Table} r JOIN ({tags}) g ON {dialect.ContainsSql("r.tags", "' ' || g.value || ' '")} WHERE {range}";
            }
            else
            {
                yield return $"SELECT {segment.Point} AS point{string.Concat(dimensions.Select(d => $", {ColumnOf(d)} AS {NameOf(d)}"))}, {UsageSums.OfRecords} FROM {month.Table} WHERE {range}";
            }
        }
    }
}
