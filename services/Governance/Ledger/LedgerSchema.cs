namespace Gateway.Governance.Ledger;

/// <summary>Tables of budgets: what is spent, what runs of edges may still spend, and who was told.</summary>
internal static class LedgerSchema
{
    public const string Sql =
        """
        CREATE TABLE budget_registry (
            singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
            version BIGINT NOT NULL);
        INSERT INTO budget_registry (singleton, version) VALUES (1, 0);

        CREATE TABLE budget_numbers (
            singleton INTEGER PRIMARY KEY CHECK (singleton = 1),
            next BIGINT NOT NULL);
        INSERT INTO budget_numbers (singleton, next) VALUES (1, 1);

        CREATE TABLE budget_windows (
            budget_id {text} NOT NULL,
            window_key {text} NOT NULL,
            PRIMARY KEY (budget_id, window_key));

        CREATE TABLE budget_accounts (
            id BIGINT PRIMARY KEY,
            budget_id {text} NOT NULL,
            window_key {text} NOT NULL,
            start BIGINT NOT NULL,
            settled BIGINT NOT NULL,
            leased BIGINT NOT NULL,
            pressed_until BIGINT NOT NULL,
            keep_until BIGINT NOT NULL,
            UNIQUE (budget_id, window_key, start));
        CREATE INDEX budget_accounts_by_age ON budget_accounts (keep_until);

        CREATE TABLE budget_parts (
            account_id BIGINT NOT NULL,
            part BIGINT NOT NULL,
            settled BIGINT NOT NULL,
            counts_until BIGINT NOT NULL,
            PRIMARY KEY (account_id, part));
        CREATE INDEX budget_parts_by_age ON budget_parts (counts_until);

        CREATE TABLE budget_hours (
            budget_id {text} NOT NULL,
            hour BIGINT NOT NULL,
            settled BIGINT NOT NULL,
            PRIMARY KEY (budget_id, hour));

        CREATE TABLE budget_leases (
            account_id BIGINT NOT NULL,
            edge_id {text} NOT NULL,
            epoch BIGINT NOT NULL,
            granted BIGINT NOT NULL,
            returned BIGINT NOT NULL,
            ingested BIGINT NOT NULL,
            spent BIGINT NOT NULL,
            held BIGINT NOT NULL,
            PRIMARY KEY (edge_id, epoch, account_id));
        CREATE INDEX budget_leases_by_account ON budget_leases (account_id);

        CREATE TABLE budget_runs (
            edge_id {text} NOT NULL,
            epoch BIGINT NOT NULL,
            last_seen BIGINT NOT NULL,
            PRIMARY KEY (edge_id, epoch));

        CREATE TABLE budget_edges (
            edge_id {text} PRIMARY KEY,
            settled_before BIGINT NOT NULL);

        CREATE TABLE budget_adjustments (
            id {text} PRIMARY KEY,
            budget_id {text} NOT NULL,
            at BIGINT NOT NULL,
            nano_usd BIGINT NOT NULL,
            reason {text} NOT NULL,
            actor {text} NOT NULL,
            created_at BIGINT NOT NULL);
        CREATE INDEX budget_adjustments_by_budget ON budget_adjustments (budget_id, created_at, id);

        CREATE TABLE budget_alerts (
            id {text} PRIMARY KEY,
            budget_id {text} NOT NULL,
            window_key {text} NOT NULL,
            start BIGINT NOT NULL,
            percent INTEGER NOT NULL,
            settled BIGINT NOT NULL,
            allowed BIGINT NOT NULL,
            at BIGINT NOT NULL,
            queued BIGINT NOT NULL,
            UNIQUE (budget_id, window_key, start, percent));
        CREATE INDEX budget_alerts_by_queue ON budget_alerts (queued, at);

        CREATE TABLE alert_deliveries (
            id {text} PRIMARY KEY,
            channel_id {text} NOT NULL,
            state SMALLINT NOT NULL,
            attempts INTEGER NOT NULL,
            next_at BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            error {text} NOT NULL,
            body {text} NOT NULL);
        CREATE INDEX alert_deliveries_due ON alert_deliveries (state, next_at);
        """;
}
