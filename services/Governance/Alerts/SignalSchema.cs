namespace Gateway.Governance.Alerts;

/// <summary>Tables of what was noticed, and of records that wait to be exported.</summary>
internal static class SignalSchema
{
    /// <summary>Migration 22: the latest of both kinds of alerts.</summary>
    public const string Latest =
        """
        CREATE INDEX alert_signals_by_time ON alert_signals (at, id);
        CREATE INDEX budget_alerts_by_time ON budget_alerts (at, id);
        """;

    public const string Sql =
        """
        CREATE TABLE alert_signals (
            id {text} PRIMARY KEY,
            kind SMALLINT NOT NULL,
            subject {text} NOT NULL,
            period BIGINT NOT NULL,
            resolved SMALLINT NOT NULL,
            severity SMALLINT NOT NULL,
            title {text} NOT NULL,
            body {text} NOT NULL,
            at BIGINT NOT NULL,
            queued BIGINT NOT NULL,
            UNIQUE (kind, subject, period, resolved));
        CREATE INDEX alert_signals_by_queue ON alert_signals (queued, at);

        CREATE TABLE export_queue (
            sink {text} NOT NULL,
            id {text} NOT NULL,
            at BIGINT NOT NULL,
            body {text} NOT NULL,
            PRIMARY KEY (sink, id));
        CREATE INDEX export_queue_by_time ON export_queue (sink, at, id);

        CREATE TABLE export_sinks (
            sink {text} PRIMARY KEY,
            holder {text} NOT NULL,
            until BIGINT NOT NULL);
        """;
}
