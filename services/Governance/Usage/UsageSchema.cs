using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Usage;

/// <summary>Schema of the usage ledger: partitioned records, aggregates, what edges have handed in.</summary>
internal static class UsageSchema
{
    private static readonly string CubeColumns = string.Join(", ", CubeRow.Dimensions.Select(d => $"{d} {{text}} NOT NULL"));

    /// <summary>
    /// Migration 5. The table of records before is renamed; <see cref="Partitions.UsageUpgrade"/> moves its rows. Hourly totals before become rows of the new aggregates.
    /// </summary>
    public static string Tables { get; } =
        $$"""
        ALTER TABLE usage_records RENAME TO usage_records_before;
        CREATE TABLE usage_partitions (month INTEGER PRIMARY KEY, first BIGINT NOT NULL, past BIGINT NOT NULL);
        CREATE TABLE usage_retained (kind {text} PRIMARY KEY, since BIGINT NOT NULL);
        CREATE TABLE usage_writers (writer {text} PRIMARY KEY, sequence BIGINT NOT NULL, seen_at BIGINT NOT NULL);
        CREATE TABLE usage_sums (writer {text} NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, seen_at BIGINT NOT NULL, PRIMARY KEY (writer, first));

        {{Cube("usage_cube_hour")}}
        {{Cube("usage_cube_day")}}
        {{By("usage_by_hour")}}
        {{By("usage_by_day")}}
        {{Latency("usage_latency_hour")}}
        {{Latency("usage_latency_day")}}

        {{Carry("usage_cube_hour", "hour", "key_id, team_id, '' AS customer_id, '' AS user_id, model, '' AS route, provider_id", string.Join(", ", CubeRow.Dimensions))}}
        {{Carry("usage_cube_day", "hour - hour % 86400000000", "key_id, team_id, '' AS customer_id, '' AS user_id, model, '' AS route, provider_id", string.Join(", ", CubeRow.Dimensions))}}
        {{string.Join('\n', CarryBy("usage_by_hour", "hour"))}}
        {{string.Join('\n', CarryBy("usage_by_day", "hour - hour % 86400000000"))}}
        DROP TABLE usage_hourly;
        """;

    /// <summary>Migration 12: sums by month, for questions about years. <see cref="FillMonthsAsync"/> fills them.</summary>
    public static string Months { get; } =
        $$"""
        {{Cube("usage_cube_month")}}
        {{By("usage_by_month")}}
        {{Latency("usage_latency_month")}}
        """;

    /// <summary>The second half of migration 12: months from the days that there are.</summary>
    public static async Task FillMonthsAsync(DbSession session)
    {
        var sums = string.Join(", ", UsageSums.First);
        var added = string.Join(", ", UsageSums.First.Select(c => $"SUM({c})"));
        var days = await session.QueryAsync<long>("SELECT start FROM usage_cube_day UNION SELECT start FROM usage_by_day UNION SELECT start FROM usage_latency_day").ConfigureAwait(false);
        foreach (var month in days.Select(UsageMonth.Of).Distinct().Order())
        {
            foreach (var (table, key, columns, values) in ((string, string, string, string)[])
            [
                ("cube", string.Join(", ", CubeRow.Dimensions), sums, added),
                ("by", "dimension, value", sums, added),
                ("latency", "dimension, value, bin", "durations, first_bytes", "SUM(durations), SUM(first_bytes)"),
            ])
            {
                await session.ExecuteAsync(
                    $"INSERT INTO usage_{table}_month (start, {key}, {columns}) SELECT CAST(@First AS BIGINT), {key}, {values} FROM usage_{table}_day WHERE start >= @First AND start < @Past GROUP BY {key}",
                    month).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Migration 20: what the cache answered, in records and sums. Sums of before are 0, since nothing of it was kept.</summary>
    public static async Task AddCacheAsync(DbSession session)
    {
        foreach (var table in (string[])["usage_cube_hour", "usage_cube_day", "usage_cube_month", "usage_by_hour", "usage_by_day", "usage_by_month"])
        {
            foreach (var column in UsageSums.Later)
            {
                await AddAsync(session, table, column, "BIGINT").ConfigureAwait(false);
            }
        }

        // Tables of records are made with all columns of this build, also by an earlier migration of the same start.
        var tables = session.Dialect.HasPartitions ? ["usage_records"] : (await UsagePartitions.ListAsync(session).ConfigureAwait(false)).Select(m => m.Table).ToArray();
        foreach (var table in tables)
        {
            foreach (var (column, type) in RecordColumns.OfCache)
            {
                await AddAsync(session, table, column, type).ConfigureAwait(false);
            }
        }

        await UsagePartitions.UpdateViewAsync(session).ConfigureAwait(false);
    }

    /// <summary>Migration 23: histograms of one key, team, customer, user or route. They begin with this build.</summary>
    public static string LatencyOf { get; } = string.Join('\n', ((string[])["hour", "day"]).Select(unit =>
        $$"""
        CREATE TABLE usage_latency_of_{{unit}} (dimension SMALLINT NOT NULL, value {text} NOT NULL, start BIGINT NOT NULL, bin SMALLINT NOT NULL,
            durations BIGINT NOT NULL, first_bytes BIGINT NOT NULL, PRIMARY KEY (dimension, value, start, bin)){clustered};
        """));

    private static async Task AddAsync(DbSession session, string table, string column, string type)
    {
        if (await session.ScalarAsync<long>(session.Dialect.ColumnCountSql, new { table, column }).ConfigureAwait(false) == 0)
        {
            await session.ExecuteAsync($"ALTER TABLE {table} ADD COLUMN {column} {type} NOT NULL DEFAULT 0").ConfigureAwait(false);
        }
    }

    private static string Cube(string name) => $$"""
        CREATE TABLE {{name}} (start BIGINT NOT NULL, {{CubeColumns}}, {{UsageSums.Declarations}},
            PRIMARY KEY (start, {{string.Join(", ", CubeRow.Dimensions)}})){clustered};
        """;

    private static string By(string name) => $$"""
        CREATE TABLE {{name}} (dimension SMALLINT NOT NULL, start BIGINT NOT NULL, value {text} NOT NULL, {{UsageSums.Declarations}},
            PRIMARY KEY (dimension, start, value)){clustered};
        """;

    private static string Latency(string name) => $$"""
        CREATE TABLE {{name}} (dimension SMALLINT NOT NULL, start BIGINT NOT NULL, value {text} NOT NULL, bin SMALLINT NOT NULL,
            durations BIGINT NOT NULL, first_bytes BIGINT NOT NULL, PRIMARY KEY (dimension, start, value, bin)){clustered};
        """;

    private static IEnumerable<string> CarryBy(string table, string start)
    {
        foreach (var (dimension, value) in ((UsageDimension, string)[])
            [
                (UsageDimension.Total, "''"), (UsageDimension.Key, "key_id"), (UsageDimension.Model, "model"), (UsageDimension.Team, "team_id"),
                (UsageDimension.Customer, "''"), (UsageDimension.User, "''"), (UsageDimension.Provider, "provider_id"), (UsageDimension.Route, "''"),
            ])
        {
            yield return Carry(table, start, $"{(int)dimension} AS dimension, {value} AS value", "dimension, value");
        }
    }

    private static string Carry(string table, string start, string selected, string columns)
    {
        string[] had = ["requests", "errors", "estimated", "unpriced", "input", "cache_read", "cache_write", "output", "reasoning", "audio_input", "audio_output", "cost"];
        var sums = string.Join(", ", UsageSums.First.Select(c => had.Contains(c) ? $"SUM({c}) AS {c}" : $"0 AS {c}"));
        var zero = string.Join(", ", UsageSums.First);
        return $"INSERT INTO {table} (start, {columns}, {zero}) SELECT start, {columns}, {sums} FROM (SELECT {start} AS start, {selected}, {string.Join(", ", had)} FROM usage_hourly) h GROUP BY start, {columns};";
    }
}
