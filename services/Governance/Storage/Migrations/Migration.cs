using Gateway.Governance.Access;
using Gateway.Governance.Ledger;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.Storage.Migrations;

/// <summary>
/// One step of the schema. <c>{text}</c> stands for the engine's byte-compared text type, <c>{seed}</c> for the first configuration version,
/// <c>{identity}</c> for a new id of the store, <c>{clustered}</c> for what makes a table lie in the order of its key.
/// A step that has been released is never edited: the next change is the next number.
/// </summary>
internal sealed record Migration(int Number, string Sql)
{
    /// <summary>What is done after the SQL, in the same transaction; null for nothing.</summary>
    public Func<DbSession, TimeProvider, Task>? After { get; init; }

    public static IReadOnlyList<Migration> All { get; } =
    [
        new(1, Configuration), new(2, Usage), new(3, Identity), new(4, LedgerSchema.Sql),
        new(5, UsageSchema.Tables) { After = (session, time) => UsageUpgrade.RunAsync(session, UsageMonth.Of(UsageTime.Micros(time.GetUtcNow()))) },
        new(6, AccessSchema.Sql), new(7, Audit.AuditSchema.Sql), new(8, Prices.PriceSchema.Sql), new(11, Reconciliation.ReconciliationSchema.Sql),
        new(12, UsageSchema.Months) { After = (session, _) => UsageSchema.FillMonthsAsync(session) },
        new(13, Reconciliation.Fetching.BillFetchSchema.Sql),
        new(14, Guardrails.GuardrailSchema.Sql),
        new(15, RequestLog.Storage.LogSchema.Sql) { After = static (session, _) => RequestLog.Sessions.SessionBook.FillAsync(session) },
        new(16, Mcp.McpSchema.Tools), new(17, Mcp.McpSchema.Calls),
        new(18, Alerts.SignalSchema.Sql),
        new(20, "SELECT 1") { After = static (session, _) => UsageSchema.AddCacheAsync(session) },
        new(22, Audit.AuditSchema.Searches + Mcp.McpSchema.CallSearches + Alerts.SignalSchema.Latest),
        new(23, UsageSchema.LatencyOf),
    ];

    private const string Configuration =
        """
        CREATE TABLE config_version (
            singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
            version BIGINT NOT NULL);
        INSERT INTO config_version (singleton, version) VALUES (1, {seed});

        CREATE TABLE config_entries (
            kind {text} NOT NULL,
            id {text} NOT NULL,
            version BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            deleted INTEGER NOT NULL,
            body {text} NOT NULL,
            PRIMARY KEY (kind, id));
        CREATE INDEX config_entries_by_version ON config_entries (version);

        CREATE TABLE admin_keys (
            id {text} PRIMARY KEY,
            name {text} NOT NULL,
            role {text} NOT NULL,
            sha256 {text} NOT NULL UNIQUE,
            created_at BIGINT NOT NULL);
        """;

    private const string Usage =
        """
        CREATE TABLE usage_records (
            id {text} PRIMARY KEY,
            edge_id {text} NOT NULL,
            started_at BIGINT NOT NULL,
            duration BIGINT NOT NULL,
            first_byte BIGINT NOT NULL,
            key_id {text} NOT NULL,
            team_id {text} NOT NULL,
            operation SMALLINT NOT NULL,
            model {text} NOT NULL,
            deployment_id {text} NOT NULL,
            provider_id {text} NOT NULL,
            status INTEGER NOT NULL,
            outcome SMALLINT NOT NULL,
            error_code {text} NOT NULL,
            stream SMALLINT NOT NULL,
            attempts INTEGER NOT NULL,
            input BIGINT NOT NULL,
            cache_read BIGINT NOT NULL,
            cache_write BIGINT NOT NULL,
            output BIGINT NOT NULL,
            reasoning BIGINT NOT NULL,
            audio_input BIGINT NOT NULL,
            audio_output BIGINT NOT NULL,
            estimated SMALLINT NOT NULL,
            cost BIGINT NOT NULL,
            price_version {text} NOT NULL);
        CREATE INDEX usage_records_by_time ON usage_records (started_at, id);
        CREATE INDEX usage_records_by_key ON usage_records (key_id, started_at, id);

        CREATE TABLE usage_hourly (
            hour BIGINT NOT NULL,
            key_id {text} NOT NULL,
            team_id {text} NOT NULL,
            model {text} NOT NULL,
            provider_id {text} NOT NULL,
            requests BIGINT NOT NULL,
            errors BIGINT NOT NULL,
            estimated BIGINT NOT NULL,
            unpriced BIGINT NOT NULL,
            input BIGINT NOT NULL,
            cache_read BIGINT NOT NULL,
            cache_write BIGINT NOT NULL,
            output BIGINT NOT NULL,
            reasoning BIGINT NOT NULL,
            audio_input BIGINT NOT NULL,
            audio_output BIGINT NOT NULL,
            cost BIGINT NOT NULL,
            PRIMARY KEY (hour, key_id, team_id, model, provider_id));
        """;

    private const string Identity =
        """
        CREATE TABLE store_identity (
            singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
            id {text} NOT NULL);
        INSERT INTO store_identity (singleton, id) VALUES (1, '{identity}');
        """;
}
