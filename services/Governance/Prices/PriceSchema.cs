namespace Gateway.Governance.Prices;

/// <summary>Schema of re-rating.</summary>
internal static class PriceSchema
{
    /// <summary>Runs of re-rating, and what each changed: rows of <c>price_corrections</c> are only ever added.</summary>
    public const string Sql =
        """
        CREATE TABLE reratings (
            id {text} PRIMARY KEY,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            state SMALLINT NOT NULL,
            filter {text} NOT NULL,
            cursor_at BIGINT NOT NULL,
            cursor_id {text} NOT NULL,
            examined BIGINT NOT NULL,
            changed BIGINT NOT NULL,
            unpriced BIGINT NOT NULL,
            mixed BIGINT NOT NULL,
            old_cost BIGINT NOT NULL,
            new_cost BIGINT NOT NULL);
        CREATE INDEX reratings_by_time ON reratings (created_at, id);

        CREATE TABLE price_corrections (
            record_id {text} NOT NULL,
            rerating_id {text} NOT NULL,
            corrected_at BIGINT NOT NULL,
            old_cost BIGINT NOT NULL,
            new_cost BIGINT NOT NULL,
            old_version {text} NOT NULL,
            new_version {text} NOT NULL,
            PRIMARY KEY (record_id, rerating_id));
        """;
}
