namespace Gateway.Governance.Audit;

/// <summary>Tables of the audit log, the configuration's history, idempotency keys and ownership of applied entries.</summary>
internal static class AuditSchema
{
    /// <summary>
    /// Migration 22: what the log is searched by, so that what is rare in it is found without reading all of it. Each ends in the order of the list; otherwise an index that has it
    /// is preferred to one that finds more exactly.
    /// </summary>
    public const string Searches =
        """
        DROP INDEX audit_rows_by_entry;
        CREATE INDEX audit_rows_by_entry ON audit_rows (kind, entry_id, at_micros, chain, sequence);
        DROP INDEX audit_rows_by_actor;
        CREATE INDEX audit_rows_by_actor ON audit_rows (actor_id, at_micros, chain, sequence);
        CREATE INDEX audit_rows_by_kind ON audit_rows (kind, at_micros, chain, sequence);
        CREATE INDEX audit_rows_by_action ON audit_rows (action, at_micros, chain, sequence);
        CREATE INDEX audit_rows_by_request ON audit_rows (request_id, at_micros, chain, sequence) WHERE request_id <> '';

        """;

    public const string Sql =
        """
        CREATE TABLE audit_chains (
            chain {text} PRIMARY KEY,
            sequence BIGINT NOT NULL,
            hash {text} NOT NULL,
            signed BIGINT NOT NULL,
            signed_at BIGINT NOT NULL);

        CREATE TABLE audit_rows (
            chain {text} NOT NULL,
            sequence BIGINT NOT NULL,
            at_micros BIGINT NOT NULL,
            actor_id {text} NOT NULL,
            actor_name {text} NOT NULL,
            actor_role {text} NOT NULL,
            action {text} NOT NULL,
            kind {text} NOT NULL,
            entry_id {text} NOT NULL,
            detail {text} NOT NULL,
            request_id {text} NOT NULL,
            address {text} NOT NULL,
            reason {text} NOT NULL,
            previous {text} NOT NULL,
            hash {text} NOT NULL,
            PRIMARY KEY (chain, sequence));
        CREATE INDEX audit_rows_by_time ON audit_rows (at_micros, chain, sequence);
        CREATE INDEX audit_rows_by_entry ON audit_rows (kind, entry_id, at_micros);
        CREATE INDEX audit_rows_by_actor ON audit_rows (actor_id, at_micros);

        CREATE TABLE audit_checkpoints (
            number BIGINT PRIMARY KEY,
            chain {text} NOT NULL,
            sequence BIGINT NOT NULL,
            hash {text} NOT NULL,
            at_micros BIGINT NOT NULL,
            purpose SMALLINT NOT NULL,
            key_id {text} NOT NULL,
            signature {text} NOT NULL);
        CREATE INDEX audit_checkpoints_by_chain ON audit_checkpoints (chain, sequence);

        CREATE TABLE audit_checkpoint_numbers (
            singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
            number BIGINT NOT NULL);
        INSERT INTO audit_checkpoint_numbers (singleton, number) VALUES (1, 0);

        CREATE TABLE audit_deliveries (
            sink {text} PRIMARY KEY,
            delivered BIGINT NOT NULL,
            holder {text} NOT NULL,
            held_until BIGINT NOT NULL);

        CREATE TABLE config_history (
            kind {text} NOT NULL,
            id {text} NOT NULL,
            version BIGINT NOT NULL,
            at BIGINT NOT NULL,
            deleted INTEGER NOT NULL,
            body {text} NOT NULL,
            actor_id {text} NOT NULL,
            actor_name {text} NOT NULL,
            via {text} NOT NULL,
            request_id {text} NOT NULL,
            reason {text} NOT NULL,
            PRIMARY KEY (kind, id, version));
        CREATE INDEX config_history_by_version ON config_history (version);
        INSERT INTO config_history (kind, id, version, at, deleted, body, actor_id, actor_name, via, request_id, reason)
            SELECT kind, id, version, updated_at, deleted, body, 'system', 'system', 'before history was kept', '', '' FROM config_entries;

        CREATE TABLE config_owners (
            kind {text} NOT NULL,
            id {text} NOT NULL,
            owner {text} NOT NULL,
            PRIMARY KEY (kind, id));

        CREATE TABLE idempotency_keys (
            id {text} PRIMARY KEY,
            request {text} NOT NULL,
            state SMALLINT NOT NULL,
            started_at BIGINT NOT NULL,
            answer {text} NOT NULL);
        CREATE INDEX idempotency_keys_by_start ON idempotency_keys (started_at);
        """;
}
