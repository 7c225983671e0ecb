namespace Gateway.Governance.Reconciliation;

/// <summary>Schema of what providers have billed.</summary>
internal static class ReconciliationSchema
{
    /// <summary>
    /// Migration 11. A day of a provider's part is covered by one import, the last; its lines go when another import covers it. Imports and what was adjusted stay.
    /// </summary>
    public const string Sql =
        """
        CREATE TABLE billed_imports (
            id {text} PRIMARY KEY,
            provider_id {text} NOT NULL,
            part {text} NOT NULL,
            source {text} NOT NULL,
            sha256 {text} NOT NULL,
            first_day BIGINT NOT NULL,
            past_day BIGINT NOT NULL,
            lines BIGINT NOT NULL,
            refused BIGINT NOT NULL,
            skipped BIGINT NOT NULL,
            nano_usd BIGINT NOT NULL,
            actor {text} NOT NULL,
            created_at BIGINT NOT NULL);
        CREATE INDEX billed_imports_by_time ON billed_imports (created_at, id);

        CREATE TABLE billed_days (
            provider_id {text} NOT NULL,
            part {text} NOT NULL,
            day BIGINT NOT NULL,
            import_id {text} NOT NULL,
            PRIMARY KEY (provider_id, part, day)){clustered};

        CREATE TABLE billed_lines (
            id {text} PRIMARY KEY,
            import_id {text} NOT NULL,
            provider_id {text} NOT NULL,
            part {text} NOT NULL,
            day BIGINT NOT NULL,
            model {text} NOT NULL,
            item {text} NOT NULL,
            account {text} NOT NULL,
            credential_id {text} NOT NULL,
            unit SMALLINT NOT NULL,
            has_quantity SMALLINT NOT NULL,
            quantity BIGINT NOT NULL,
            nano_usd BIGINT NOT NULL,
            tolerance BIGINT NOT NULL);
        CREATE INDEX billed_lines_by_day ON billed_lines (provider_id, day);

        CREATE TABLE reconciliation_adjustments (
            id {text} PRIMARY KEY,
            record_id {text} NOT NULL,
            class {text} NOT NULL,
            import_id {text} NOT NULL,
            before_nano_usd BIGINT NOT NULL,
            nano_usd BIGINT NOT NULL,
            reason {text} NOT NULL,
            actor {text} NOT NULL,
            created_at BIGINT NOT NULL);
        CREATE INDEX reconciliation_adjustments_by_record ON reconciliation_adjustments (record_id);
        """;
}
