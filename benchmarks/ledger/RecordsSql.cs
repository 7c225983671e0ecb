using System.Globalization;

namespace Gateway.LedgerBenchmark;

/// <summary>Makes raw records within the store, whose texts and numbers follow from a running number.</summary>
internal static class RecordsSql
{
    /// <summary>Inserts the records numbered <c>@from</c> to <c>@to</c>.</summary>
    public static string Fill(bool isPostgres, string table, long first, long step)
    {
        var numbers = isPostgres
            ? "SELECT i, (i * 2654435761) % 4294967296 AS h FROM generate_series(CAST(@from AS BIGINT), CAST(@to AS BIGINT)) AS i"
            : "WITH RECURSIVE n(i) AS (SELECT @from UNION ALL SELECT i + 1 FROM n WHERE i < @to) SELECT i, (i * 2654435761) % 4294967296 AS h FROM n";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
             INSERT INTO {table} (id, edge_id, started_at, duration, first_byte, key_id, team_id, customer_id, user_id, operation, model, deployment_id, provider_id, route, credential_id,
                 status, outcome, error_code, stream, attempts, input, cache_read, cache_write, output, reasoning, audio_input, audio_output, estimated, cost, price_version,
                 end_user, tags, budgets, epoch, session_id, trace_id)
             SELECT {Hex(isPostgres, "i")}, 'edge-' || (h % 3), {first} + i * {step}, 100000 + h % 9000000, 20000 + h % 500000,
                 'key-' || (h % 300), 'team-' || (h % 60), CASE WHEN h % 2 = 0 THEN 'customer-' || (h % 12) ELSE '' END, 'user-' || (h % 120),
                 1, 'model-' || (h % 20), 'deployment-' || (h % 20), 'provider-' || (h % 5), 'route-' || (h % 8), 'credential',
                 CASE WHEN h % 50 = 7 THEN 502 ELSE 200 END, CASE WHEN h % 50 = 7 THEN 3 ELSE 1 END, CASE WHEN h % 50 = 7 THEN 'upstream_unavailable' ELSE '' END, h % 2, 1,
                 h % 4000, 0, 0, h % 900, 0, 0, 0, 0, 1000 * (h % 20000), '1',
                 CASE WHEN h % 4 = 0 THEN 'end-user-' || (h % 50000) ELSE '' END, CASE WHEN h % 3 = 0 THEN ' tag-' || (h % 10) || ' ' ELSE '' END, '', 0,
                 CASE WHEN h % 5 = 0 THEN 'session-' || (i / 20) ELSE '' END, CASE WHEN h % 2 = 0 THEN {Hex(isPostgres, "(i / 4)")} ELSE '' END
             FROM ({numbers}) r
             """);
    }

    private static string Hex(bool isPostgres, string number) => isPostgres ? $"'{new string('0', 16)}' || lpad(to_hex({number}), 16, '0')" : $"printf('%032x', {number})";
}
