namespace Gateway.Governance.Guardrails;

/// <summary>What migration 14 adds: requests that wait for somebody's approval. No text of a request is among it.</summary>
internal static class GuardrailSchema
{
    public const string Sql =
        """
        CREATE TABLE guardrail_approvals (
            id {text} PRIMARY KEY,
            digest {text} NOT NULL,
            policy {text} NOT NULL,
            kinds {text} NOT NULL,
            key_id {text} NOT NULL,
            team_id {text} NOT NULL,
            model {text} NOT NULL,
            request_id {text} NOT NULL,
            status INTEGER NOT NULL,
            created_at BIGINT NOT NULL,
            until BIGINT NOT NULL,
            decided_by {text} NOT NULL,
            decided_at BIGINT NOT NULL);
        CREATE INDEX guardrail_approvals_by_digest ON guardrail_approvals (digest);
        CREATE INDEX guardrail_approvals_by_time ON guardrail_approvals (until);
        """;
}
