namespace Gateway.Governance.Reconciliation.Fetching;

/// <summary>Schema of what is known of fetching.</summary>
internal static class BillFetchSchema
{
    /// <summary>Migration 13. Whoever moves <c>next_at</c> on fetches: so one instance does at a time.</summary>
    public const string Sql =
        """
        CREATE TABLE bill_fetches (
            source_id {text} PRIMARY KEY,
            version BIGINT NOT NULL,
            next_at BIGINT NOT NULL,
            fetched_at BIGINT NOT NULL,
            import_id {text} NOT NULL,
            failures BIGINT NOT NULL,
            problem {text} NOT NULL);
        """;
}
