using System.Collections.Concurrent;
using System.Data.Common;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog.Storage;

/// <summary>The tables of entries and of bodies, one of each for a month; a month goes by dropping them.</summary>
internal sealed class LogMonths(Database database, LogSecrets secrets)
{
    private const int ReadAttempts = 5;

    private readonly ConcurrentDictionary<UsageMonth, bool> _known = new();

    /// <summary>Makes the tables of months that have none.</summary>
    public async Task EnsureAsync(IEnumerable<UsageMonth> months, CancellationToken cancellation)
    {
        foreach (var month in months.Distinct().Where(m => !_known.ContainsKey(m)).Order().ToList())
        {
            await database.WriteAsync(
                async session =>
                {
                    await session.Dialect.LockMigrationsAsync(session).ConfigureAwait(false);
                    foreach (var sql in LogSchema.Create(month, session.Dialect))
                    {
                        await session.ExecuteAsync(sql).ConfigureAwait(false);
                    }

                    await secrets.EnsureAsync(session, month).ConfigureAwait(false);
                    return true;
                },
                cancellation).ConfigureAwait(false);
            _known[month] = true;
        }
    }

    /// <summary>Forgets what is known to exist: another instance may have dropped some of it.</summary>
    public void Forget() => _known.Clear();

    /// <summary>The months there are, newest first.</summary>
    public static async Task<IReadOnlyList<UsageMonth>> ListAsync(DbSession session)
        => [.. (await session.QueryAsync<int>("SELECT month FROM request_log_months ORDER BY month DESC").ConfigureAwait(false)).Select(m => new UsageMonth(m))];

    /// <summary>Drops all of a month.</summary>
    public Task DropAsync(UsageMonth month, CancellationToken cancellation)
    {
        _known.TryRemove(month, out _);
        return database.WriteAsync(
            async session =>
            {
                await session.Dialect.LockMigrationsAsync(session).ConfigureAwait(false);
                await secrets.DestroyAsync(session, month).ConfigureAwait(false);
                await DropBodiesAsync(session, month).ConfigureAwait(false);
                return await session.ExecuteAsync($"DROP TABLE IF EXISTS {LogSchema.Details(month)}").ConfigureAwait(false);
            },
            cancellation);
    }

    /// <summary>Drops what was said in a month, and keeps empty tables.</summary>
    public Task ClearBodiesAsync(UsageMonth month, CancellationToken cancellation)
        => database.WriteAsync(
            async session =>
            {
                await session.Dialect.LockMigrationsAsync(session).ConfigureAwait(false);
                await DropBodiesAsync(session, month).ConfigureAwait(false);
                foreach (var sql in LogSchema.Create(month, session.Dialect))
                {
                    await session.ExecuteAsync(sql).ConfigureAwait(false);
                }

                return true;
            },
            cancellation);

    /// <summary>Runs a query over months; again where one of them was dropped under it.</summary>
    public static async Task<T> ReadAsync<T>(Database database, Func<DbSession, Task<T>> query, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await database.ReadAsync(query, cancellation).ConfigureAwait(false);
            }
            catch (DbException gone) when (attempt < ReadAttempts && IsGone(gone))
            {
                // The list of months is read anew, and the dropped one is not in it any more.
            }
        }
    }

    /// <summary>True where a statement names a table that was dropped.</summary>
    public static bool IsGone(DbException fault) => fault.SqlState == "42P01" || fault.Message.Contains("no such table", StringComparison.Ordinal);

    private static async Task DropBodiesAsync(DbSession session, UsageMonth month)
    {
        if (!session.Dialect.HasPartitions)
        {
            await session.ExecuteAsync($"DROP TABLE IF EXISTS {LogSchema.Words(month)}").ConfigureAwait(false);
        }

        await session.ExecuteAsync($"DROP TABLE IF EXISTS {LogSchema.Bodies(month)}").ConfigureAwait(false);
    }
}
