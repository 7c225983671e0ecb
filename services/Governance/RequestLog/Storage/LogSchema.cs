using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog.Storage;

/// <summary>Schema of the request log: what is there always, and the tables of a month.</summary>
internal static class LogSchema
{
    /// <summary>Migration 15.</summary>
    public const string Sql =
        """
        CREATE TABLE request_log_months (month INTEGER PRIMARY KEY, ring_key {text} NOT NULL, sealed {text} NOT NULL);

        CREATE TABLE request_sessions (
            key_id {text} NOT NULL, session_id {text} NOT NULL, team_id {text} NOT NULL, customer_id {text} NOT NULL, end_user {text} NOT NULL,
            first_at BIGINT NOT NULL, last_at BIGINT NOT NULL, requests BIGINT NOT NULL, errors BIGINT NOT NULL, tokens BIGINT NOT NULL, cost BIGINT NOT NULL,
            PRIMARY KEY (key_id, session_id));
        CREATE INDEX request_sessions_last ON request_sessions (last_at, session_id, key_id);
        CREATE INDEX request_sessions_key ON request_sessions (key_id, last_at, session_id);
        CREATE INDEX request_sessions_team ON request_sessions (team_id, last_at, session_id, key_id);
        CREATE INDEX request_sessions_customer ON request_sessions (customer_id, last_at, session_id, key_id);
        CREATE INDEX request_sessions_end_user ON request_sessions (end_user, last_at, session_id, key_id) WHERE end_user <> '';
        CREATE INDEX request_sessions_id ON request_sessions (session_id);
        """;

    /// <summary>Columns by which an entry is found and seen, and by which it is deleted for somebody.</summary>
    public const string Owners = "key_id, team_id, customer_id, end_user";

    public static string Details(UsageMonth month) => $"request_details_{month.Number:000000}";

    public static string Bodies(UsageMonth month) => $"request_bodies_{month.Number:000000}";

    /// <summary>The words of bodies, keyed hashes of them, on SQLite; on Postgres they are a column of the bodies.</summary>
    public static string Words(UsageMonth month) => $"request_words_{month.Number:000000}";

    /// <summary>Makes the tables of a month.</summary>
    public static IEnumerable<string> Create(UsageMonth month, SqlDialect dialect)
    {
        var (details, bodies) = (Details(month), Bodies(month));
        var text = dialect.TextType;

        // The place is the row's own address on SQLite, which only a column of this type can be.
        var place = dialect.HasPartitions ? "BIGINT" : "INTEGER";
        yield return $"CREATE TABLE IF NOT EXISTS {details} (place {place} PRIMARY KEY, id {text} NOT NULL, edge_id {text} NOT NULL, request_id {text} NOT NULL, {Columns(text)}, detail {text} NOT NULL)";
        yield return $"CREATE TABLE IF NOT EXISTS {bodies} (place {place} PRIMARY KEY, id {text} NOT NULL, {Columns(text)}, sealed {text} NOT NULL{(dialect.HasPartitions ? $", words {text} NOT NULL" : "")})";
        yield return $"CREATE INDEX IF NOT EXISTS {details}_request ON {details} (request_id)";
        foreach (var table in (string[])[details, bodies])
        {
            yield return $"CREATE UNIQUE INDEX IF NOT EXISTS {table}_id ON {table} (id)";
            yield return $"CREATE INDEX IF NOT EXISTS {table}_key ON {table} (key_id)";
            yield return $"CREATE INDEX IF NOT EXISTS {table}_end_user ON {table} (end_user) WHERE end_user <> ''";
        }

        yield return dialect.HasPartitions
            ? $"CREATE INDEX IF NOT EXISTS {bodies}_words ON {bodies} USING gin (string_to_array(words, ' '))"
            : $"CREATE VIRTUAL TABLE IF NOT EXISTS {Words(month)} USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')";
    }

    private static string Columns(string text) => string.Join(", ", Owners.Split(", ").Select(c => $"{c} {text} NOT NULL"));
}
