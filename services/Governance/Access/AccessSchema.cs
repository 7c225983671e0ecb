namespace Gateway.Governance.Access;

/// <summary>What migration 6 adds.</summary>
internal static class AccessSchema
{
    public const string Sql =
        """
        ALTER TABLE admin_keys ADD COLUMN prefix {text} NOT NULL DEFAULT '';
        ALTER TABLE admin_keys ADD COLUMN team_ids {text} NOT NULL DEFAULT '';
        ALTER TABLE admin_keys ADD COLUMN customer_ids {text} NOT NULL DEFAULT '';
        ALTER TABLE admin_keys ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE admin_keys ADD COLUMN expires_at BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE admin_keys ADD COLUMN created_by {text} NOT NULL DEFAULT 'system';
        ALTER TABLE admin_keys ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE admin_keys ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

        CREATE TABLE admin_sessions (
            id {text} PRIMARY KEY,
            sha256 {text} NOT NULL UNIQUE,
            subject {text} NOT NULL,
            name {text} NOT NULL,
            role {text} NOT NULL,
            team_ids {text} NOT NULL,
            customer_ids {text} NOT NULL,
            rules {text} NOT NULL,
            created_at BIGINT NOT NULL,
            seen_at BIGINT NOT NULL,
            expires_at BIGINT NOT NULL);
        CREATE INDEX admin_sessions_by_expiry ON admin_sessions (expires_at);
        """;
}
