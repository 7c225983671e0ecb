using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage.Reports;

/// <summary>The SQL of a report.</summary>
internal static class UsageSql
{
    // So many ranges are asked for one by one; more only where days or months of different lengths make the points.
    private const int MostRuns = 12;

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
        parts.AddRange(UsageRun.Of(segments.Records).SelectMany(r => Records(r, dimensions, months, dialect)));
        if (parts.Count == 0)
        {
            // Nothing can be there; the question is still one that has an answer.
            parts.AddRange(Records(new UsageRun(0, 0, 0, 0), dimensions, [.. months.Take(1)], dialect));
        }

        var grouped = string.Concat(question.GroupBy.Select(d => $", {NameOf(d)}"));
        return $"{dialect.BeforeSums}SELECT point{grouped}, {Sums} FROM ({string.Join(" UNION ALL ", parts)}) u WHERE 1 = 1{Filter(question, dialect)} GROUP BY point{grouped}";

        void Add(List<UsageSegment> found, string table)
        {
            var selected = alone
                ? dimensions.Count == 0 ? "" : $", value AS {NameOf(dimensions[0])}"
                : string.Concat(dimensions.Select(d => $", {ColumnOf(d)} AS {NameOf(d)}"));
            var only = alone
                ? $"t.dimension = {(int)(dimensions.Count == 0 ? UsageDimension.Total : dimensions[0])}{Values(question, dialect)} AND "
                : "";
            parts.AddRange(Parts(found, table, only, $"{selected}, {Columns}"));
        }
    }

    /// <summary>Counts by point, group and bin of histograms that are kept.</summary>
    public static string Histogram(UsageQuestion question, UsageSegments segments, SqlDialect dialect)
    {
        var dimension = question.Dimensions is [var one] ? one : UsageDimension.Total;
        var only = $"t.dimension = {(int)dimension}{Values(question, dialect)} AND ";
        var parts = new List<string>();
        if (LatencyRow.ByStart.Contains(dimension))
        {
            Add(segments.Months, "usage_latency_month");
            Add(segments.Days, "usage_latency_day");
            Add(segments.Hours, "usage_latency_hour");
        }
        else
        {
            // Days of all time are few enough for one value: no months are kept of them.
            Add(segments.Months, "usage_latency_of_day");
            Add(segments.Days, "usage_latency_of_day");
            Add(segments.Hours, "usage_latency_of_hour");
        }

        return Bins(parts, dialect);

        void Add(List<UsageSegment> found, string table) => parts.AddRange(Parts(found, table, only, ", value, bin, durations, first_bytes"));
    }

    /// <summary>The same, counted from the records: of any question, but only for a short time.</summary>
    public static string HistogramOfRecords(UsageQuestion question, UsageSegments segments, IReadOnlyList<UsageMonth> months, SqlDialect dialect)
    {
        var value = question.GroupBy is [var by] ? ColumnOf(by) : "''";
        var only = string.Concat(question.Filters.Keys.Select((d, i) => $" AND {ColumnOf(d)} = @f{i}"))
            + (question.Values.Count > 0 && question.GroupBy is [var grouped] ? $" AND {dialect.OneOf(ColumnOf(grouped), "@values")}" : "");
        var parts = new List<string>();
        foreach (var run in UsageRun.Of(segments.Records))
        {
            foreach (var month in months.Where(m => m.First < run.Past && m.Past > run.First))
            {
                foreach (var (column, counts) in ((string, string)[])[("duration", "request_count AS durations, 0 AS first_bytes"), ("first_byte", "0 AS durations, request_count AS first_bytes")])
                {
                    parts.Add($"SELECT {run.PointSql("started_at")} AS point, {value} AS value, {LatencyBins.Sql(column)} AS bin, {counts} FROM {month.Table} WHERE started_at >= {run.First} AND started_at < {run.Past}{only}");
                }
            }
        }

        return parts.Count == 0 ? "" : Bins(parts, dialect);
    }

    /// <summary>Values of the filters, by the names that the SQL has for them.</summary>
    public static Dictionary<string, object> Parameters(UsageQuestion question)
    {
        var parameters = question.Filters.Values.Select((value, i) => ($"f{i}", value)).ToDictionary(p => p.Item1, p => (object)p.value, StringComparer.Ordinal);
        if (question.Values.Count > 0)
        {
            parameters["values"] = question.Values.ToArray();
        }

        return parameters;
    }

    /// <summary>Name of a dimension's column in the result.</summary>
    public static string NameOf(UsageDimension dimension) => $"By{dimension}";

    private static string Bins(List<string> parts, SqlDialect dialect)
        => $"{dialect.BeforeSums}SELECT point AS Point, value AS Value, bin AS Bin, CAST(SUM(durations) AS BIGINT) AS Durations, CAST(SUM(first_bytes) AS BIGINT) AS FirstBytes FROM ({string.Join(" UNION ALL ", parts)}) l GROUP BY point, value, bin";

    private static IEnumerable<string> Parts(List<UsageSegment> found, string table, string only, string selected)
    {
        var runs = UsageRun.Of(found);
        return runs.Count <= MostRuns
            ? runs.Select(r => $"SELECT {r.PointSql("t.start")} AS point{selected} FROM {table} t WHERE {only}t.start >= {r.First} AND t.start < {r.Past}")

            // Each stretch is a range of the key, found by itself.
            : [$"SELECT s.point AS point{selected} FROM {Stretches(found)} JOIN {table} t ON {only}t.start >= s.first AND t.start < s.past"];
    }

    private static string Stretches(List<UsageSegment> found)
        => $"(WITH stretches (point, first, past) AS (VALUES {string.Join(", ", found.Select(s => $"({s.Point}, CAST({s.First} AS BIGINT), CAST({s.Past} AS BIGINT))"))}) SELECT * FROM stretches) s";

    // Of the one dimension of a question whose aggregates are by value.
    private static string Values(UsageQuestion question, SqlDialect dialect)
        => (question.Filters.Count == 1 ? " AND t.value = @f0" : "") + (question.Values.Count > 0 ? $" AND {dialect.OneOf("t.value", "@values")}" : "");

    private static string Filter(UsageQuestion question, SqlDialect dialect)
        => string.Concat(question.Filters.Keys.Select((d, i) => $" AND {NameOf(d)} = @f{i}"))
            + (question.Values.Count > 0 && question.GroupBy is [var grouped] ? $" AND {dialect.OneOf(NameOf(grouped), "@values")}" : "");

    private static IEnumerable<string> Records(UsageRun segment, IReadOnlyList<UsageDimension> dimensions, IReadOnlyList<UsageMonth> months, SqlDialect dialect)
    {
        var range = $"started_at >= {segment.First} AND started_at < {segment.Past}";
        foreach (var month in months.Where(m => segment.Past == 0 || (m.First < segment.Past && m.Past > segment.First)))
        {
            if (dimensions is [UsageDimension.Tag])
            {
                var tags = $"SELECT DISTINCT value FROM usage_by_day WHERE dimension = {(int)UsageDimension.Tag} AND start >= {UsageTime.Floor(segment.First, UsageTime.Day)} AND start < {segment.Past}";
                yield return $"SELECT {segment.PointSql("r.started_at")} AS point, g.value AS {NameOf(UsageDimension.Tag)}, {UsageSums.OfRecords} FROM {month.Table} r JOIN ({tags}) g ON {dialect.ContainsSql("r.tags", "' ' || g.value || ' '")} WHERE {range}";
            }
            else
            {
                yield return $"SELECT {segment.PointSql("started_at")} AS point{string.Concat(dimensions.Select(d => $", {ColumnOf(d)} AS {NameOf(d)}"))}, {UsageSums.OfRecords} FROM {month.Table} WHERE {range}";
            }
        }
    }
}
