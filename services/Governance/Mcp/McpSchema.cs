namespace Gateway.Governance.Mcp;

/// <summary>What migrations 16 and 17 add: tools as servers describe them, calls that wait for approval, and the log of calls.</summary>
internal static class McpSchema
{
    public const string Tools =
        """
        CREATE TABLE mcp_tools (
            server_id {text} NOT NULL,
            name {text} NOT NULL,
            fingerprint {text} NOT NULL,
            definition {text} NOT NULL,
            remarks {text} NOT NULL,
            first_seen BIGINT NOT NULL,
            changed_at BIGINT NOT NULL,
            gone_at BIGINT NOT NULL,
            approved_fingerprint {text} NOT NULL,
            approved_definition {text} NOT NULL,
            decided_at BIGINT NOT NULL,
            decided_by {text} NOT NULL,
            PRIMARY KEY (server_id, name));

        CREATE TABLE mcp_approvals (
            id {text} PRIMARY KEY,
            digest {text} NOT NULL,
            key_id {text} NOT NULL,
            team_id {text} NOT NULL,
            server_id {text} NOT NULL,
            tool {text} NOT NULL,
            approver INTEGER NOT NULL,
            reason {text} NOT NULL,
            arguments {text} NOT NULL,
            status INTEGER NOT NULL,
            created_at BIGINT NOT NULL,
            until BIGINT NOT NULL,
            decided_by {text} NOT NULL,
            decided_at BIGINT NOT NULL);
        CREATE INDEX mcp_approvals_by_digest ON mcp_approvals (digest);
        CREATE INDEX mcp_approvals_by_time ON mcp_approvals (until);
        """;

    /// <summary>Migration 22: what calls are searched by besides key and server; those of one team are asked for by everybody of it.</summary>
    public const string CallSearches =
        """
        CREATE INDEX mcp_calls_by_team ON mcp_calls (team_id, started_at, id);
        CREATE INDEX mcp_calls_by_tool ON mcp_calls (tool, started_at, id);
        CREATE INDEX mcp_calls_by_customer ON mcp_calls (customer_id, started_at, id) WHERE customer_id <> '';
        CREATE INDEX mcp_calls_by_end_user ON mcp_calls (end_user, started_at, id) WHERE end_user <> '';
        CREATE INDEX mcp_calls_by_session ON mcp_calls (session_id, started_at, id) WHERE session_id <> '';
        CREATE INDEX mcp_calls_by_trace ON mcp_calls (trace_id, started_at, id) WHERE trace_id <> '';
        CREATE INDEX mcp_calls_by_outcome ON mcp_calls (outcome, started_at, id) WHERE outcome <> 1;

        """;

    public const string Calls =
        """
        CREATE TABLE mcp_calls (
            id {text} PRIMARY KEY,
            started_at BIGINT NOT NULL,
            duration BIGINT NOT NULL,
            hub_id {text} NOT NULL,
            key_id {text} NOT NULL,
            team_id {text} NOT NULL,
            customer_id {text} NOT NULL,
            end_user {text} NOT NULL,
            session_id {text} NOT NULL,
            request_id {text} NOT NULL,
            trace_id {text} NOT NULL,
            origin INTEGER NOT NULL,
            server_id {text} NOT NULL,
            tool {text} NOT NULL,
            outcome INTEGER NOT NULL,
            reason {text} NOT NULL,
            price BIGINT NOT NULL,
            argument_bytes BIGINT NOT NULL,
            result_bytes BIGINT NOT NULL,
            notes {text} NOT NULL,
            sealed {text} NOT NULL);
        CREATE INDEX mcp_calls_by_time ON mcp_calls (started_at, id);
        CREATE INDEX mcp_calls_by_key ON mcp_calls (key_id, started_at, id);
        CREATE INDEX mcp_calls_by_server ON mcp_calls (server_id, started_at, id);
        """;
}
