namespace Gateway.Governance.Usage.Partitions;

/// <summary>The table of records, once for each month.</summary>
internal static class RecordColumns
{
    /// <summary>Name and type of each column; those with a default were added after the first release.</summary>
    public const string Declarations =
        """
        id {text} NOT NULL, edge_id {text} NOT NULL, started_at BIGINT NOT NULL, duration BIGINT NOT NULL, first_byte BIGINT NOT NULL,
        key_id {text} NOT NULL, team_id {text} NOT NULL, operation SMALLINT NOT NULL, model {text} NOT NULL, deployment_id {text} NOT NULL, provider_id {text} NOT NULL,
        status INTEGER NOT NULL, outcome SMALLINT NOT NULL, error_code {text} NOT NULL, stream SMALLINT NOT NULL, attempts INTEGER NOT NULL,
        input BIGINT NOT NULL, cache_read BIGINT NOT NULL, cache_write BIGINT NOT NULL, output BIGINT NOT NULL, reasoning BIGINT NOT NULL,
        audio_input BIGINT NOT NULL, audio_output BIGINT NOT NULL, estimated SMALLINT NOT NULL, cost BIGINT NOT NULL, price_version {text} NOT NULL,
        user_id {text} NOT NULL DEFAULT '', customer_id {text} NOT NULL DEFAULT '', end_user {text} NOT NULL DEFAULT '', tags {text} NOT NULL DEFAULT '',
        budgets {text} NOT NULL DEFAULT '', epoch BIGINT NOT NULL DEFAULT 0, route {text} NOT NULL DEFAULT '', credential_id {text} NOT NULL DEFAULT '',
        cache_write_hour BIGINT NOT NULL DEFAULT 0, image_input BIGINT NOT NULL DEFAULT 0, image_cache_read BIGINT NOT NULL DEFAULT 0, image_output BIGINT NOT NULL DEFAULT 0,
        audio_cache_read BIGINT NOT NULL DEFAULT 0, images BIGINT NOT NULL DEFAULT 0, pixels BIGINT NOT NULL DEFAULT 0, image_quality SMALLINT NOT NULL DEFAULT 0,
        audio_ms BIGINT NOT NULL DEFAULT 0, characters BIGINT NOT NULL DEFAULT 0, searches BIGINT NOT NULL DEFAULT 0, web_searches BIGINT NOT NULL DEFAULT 0,
        web_search_size SMALLINT NOT NULL DEFAULT 0, tier SMALLINT NOT NULL DEFAULT 1, trace_id {text} NOT NULL DEFAULT '', session_id {text} NOT NULL DEFAULT '',
        continued SMALLINT NOT NULL DEFAULT 0, request_count INTEGER NOT NULL DEFAULT 1, cache SMALLINT NOT NULL DEFAULT 0, saved BIGINT NOT NULL DEFAULT 0,
        saved_tokens BIGINT NOT NULL DEFAULT 0
        """;

    /// <summary>Columns that tables made before the cache counted do not have.</summary>
    public static IReadOnlyList<(string Column, string Type)> OfCache { get; } = [("cache", "SMALLINT"), ("saved", "BIGINT"), ("saved_tokens", "BIGINT")];

    /// <summary>Columns of the table before there were partitions.</summary>
    public const string First =
        """
        id, edge_id, started_at, duration, first_byte, key_id, team_id, operation, model, deployment_id, provider_id, status, outcome, error_code, stream, attempts,
        input, cache_read, cache_write, output, reasoning, audio_input, audio_output, estimated, cost, price_version
        """;

    /// <summary>
    /// Columns that are searched for one value, newest first. All but the first two are empty on most records, and those are left out of the index; a query says so, too.
    /// </summary>
    public static IReadOnlyList<(string Column, bool IsPartial)> Indexed { get; } =
    [
        ("key_id", false), ("model", false), ("team_id", true), ("customer_id", true), ("user_id", true), ("end_user", true), ("session_id", true), ("trace_id", true),
    ];

    /// <summary>The condition of the index on records that ended in an error status.</summary>
    public const string Failed = "status >= 400";

    /// <summary>Indexes of the table of a month.</summary>
    public static IEnumerable<string> Indexes(string table)
    {
        yield return $"CREATE UNIQUE INDEX IF NOT EXISTS {table}_id ON {table} (id)";
        yield return $"CREATE INDEX IF NOT EXISTS {table}_time ON {table} (started_at, id)";
        yield return $"CREATE INDEX IF NOT EXISTS {table}_failed ON {table} (started_at, id) WHERE {Failed}";
        foreach (var (column, isPartial) in Indexed)
        {
            yield return $"CREATE INDEX IF NOT EXISTS {table}_{column} ON {table} ({column}, started_at, id){(isPartial ? $" WHERE {column} <> ''" : "")}";
        }
    }

    /// <summary>Names of a month's indexes, the one that keeps ids unique last.</summary>
    public static IEnumerable<string> IndexNames(string table)
        => [.. Indexed.Select(i => $"{table}_{i.Column}"), $"{table}_failed", $"{table}_time", $"{table}_id"];
}
