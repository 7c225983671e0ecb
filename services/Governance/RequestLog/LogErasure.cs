using System.Diagnostics;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog;

/// <summary>
/// Deletes what the request log has of a key or an end user. Of an end user the ledger forgets the name and the session, too: its figures stay, and say nobody's name any more.
/// </summary>
internal sealed class LogErasure(Database database)
{
    private const int Step = 500;

    // A call is answered in time; the next one goes on.
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    public async Task<LogErased> RunAsync(string? key, string? endUser, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var (column, value) = key is not null ? ("key_id", UsageText.Clean(key)) : ("end_user", UsageText.Clean(endUser!));
        var steps = await StepsAsync(column, endUser is not null, cancellation).ConfigureAwait(false);
        long entries = 0, bodies = 0, records = 0;
        foreach (var (kind, sql) in steps)
        {
            for (var gone = Step; gone == Step;)
            {
                if (Stopwatch.GetElapsedTime(began) > LongEnough)
                {
                    return new LogErased { Entries = entries, Bodies = bodies, Records = records, Done = false };
                }

                gone = await database.WriteAsync(s => s.ExecuteAsync(sql, new { value }), cancellation).ConfigureAwait(false);
                entries += kind == "entries" ? gone : 0;
                bodies += kind == "bodies" ? gone : 0;
                records += kind == "records" ? gone : 0;
            }
        }

        return new LogErased { Entries = entries, Bodies = bodies, Records = records, Done = true };
    }

    private Task<List<(string Kind, string Sql)>> StepsAsync(string column, bool isEndUser, CancellationToken cancellation) => database.ReadAsync(
        async session =>
        {
            // Named so that the partial indexes answer.
            var of = isEndUser ? $"{column} = @value AND {column} <> ''" : $"{column} = @value";
            var steps = new List<(string, string)>();
            foreach (var month in await LogMonths.ListAsync(session).ConfigureAwait(false))
            {
                foreach (var (kind, table) in ((string, string)[])[("bodies", LogSchema.Bodies(month)), ("entries", LogSchema.Details(month))])
                {
                    steps.Add((kind, $"DELETE FROM {table} WHERE place IN (SELECT place FROM {table} WHERE {of} LIMIT {Step})"));
                }
            }

            if (isEndUser)
            {
                steps.Add(("sessions", $"DELETE FROM request_sessions WHERE (key_id, session_id) IN (SELECT key_id, session_id FROM request_sessions WHERE {of} LIMIT {Step})"));
                foreach (var month in await UsagePartitions.ListAsync(session).ConfigureAwait(false))
                {
                    steps.Add(("records", $"UPDATE {month.Table} SET end_user = '', session_id = '' WHERE id IN (SELECT id FROM {month.Table} WHERE {of} LIMIT {Step})"));
                }
            }

            return steps;
        },
        cancellation);
}
