namespace Gateway.Governance.Usage;

/// <summary>Schema of the usage ledger.</summary>
internal static class UsageSchema
{
    /// <summary>What records say since journals have format 2.</summary>
    public const string RecordColumns =
        """
        ALTER TABLE usage_records ADD COLUMN user_id {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN customer_id {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN end_user {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN tags {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN budgets {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN route {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN credential_id {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN cache_write_hour BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN image_input BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN image_cache_read BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN image_output BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN audio_cache_read BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN images BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN pixels BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN image_quality BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN audio_ms BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN characters BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN searches BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN web_searches BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN web_search_size BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN tier BIGINT NOT NULL DEFAULT 1;
        ALTER TABLE usage_records ADD COLUMN trace_id {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN session_id {text} NOT NULL DEFAULT '';
        ALTER TABLE usage_records ADD COLUMN continued BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage_records ADD COLUMN request_count BIGINT NOT NULL DEFAULT 1;
        """;
}
