using System.Collections.Concurrent;
using System.Data.Common;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Usage.Partitions;

/// <summary>
/// The tables of records, one for each month. On Postgres they are partitions of <c>usage_records</c>, on SQLite a view of that name puts them together; either way they are
/// written and searched one by one, and a month goes by dropping its table.
/// </summary>
internal sealed class UsagePartitions(Database database)
{
    // SQLite takes at most 500 parts of a compound query.
    private const int MostInView = 400;
    private const int ReadAttempts = 5;
    private const string UndefinedTable = "42P01";

    private readonly ConcurrentDictionary<UsageMonth, bool> _known = new();

    /// <summary>Makes the tables of months that have none.</summary>
    public async Task EnsureAsync(IEnumerable<UsageMonth> months, CancellationToken cancellation)
    {
        var wanted = months.Distinct().Where(m => !_known.ContainsKey(m)).Order().ToList();
        if (wanted.Count > 0)
        {
            await database.WriteAsync(session => CreateAsync(session, wanted), cancellation).ConfigureAwait(false);
            wanted.ForEach(m => _known[m] = true);
        }
    }

    /// <summary>Forgets what is known to exist: another instance may have dropped some of it.</summary>
    public void Forget() => _known.Clear();

    /// <summary>Runs a query over months; again where one of them was dropped under it.</summary>
    public static async Task<T> ReadAsync<T>(Database database, Func<DbSession, Task<T>> query, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await database.ReadAsync(query, cancellation).ConfigureAwait(false);
            }
            catch (DbException gone) when (attempt < ReadAttempts && (gone.SqlState == UndefinedTable || gone.Message.Contains("no such table", StringComparison.Ordinal)))
            {
                // The list of months is read anew, and the dropped one is not in it any more.
            }
        }
    }

    /// <summary>The months there are, newest first.</summary>
    public static async Task<IReadOnlyList<UsageMonth>> ListAsync(DbSession session)
        => [.. (await session.QueryAsync<int>("SELECT month FROM usage_partitions ORDER BY month DESC").ConfigureAwait(false)).Select(m => new UsageMonth(m))];

    /// <summary>Keeps the months' tables from being dropped before the transaction ends; false when one is gone.</summary>
    public static async Task<bool> HoldAsync(DbSession session, IReadOnlyList<UsageMonth> months)
    {
        var there = await session.QueryAsync<int>($"SELECT month FROM usage_partitions WHERE month IN ({Numbers(months)}){session.Dialect.ForShare}").ConfigureAwait(false);
        return there.Count == months.Count;
    }

    /// <summary>Drops the table of a month. In steps, each a transaction, so that records never wait long for it.</summary>
    public async Task DropAsync(UsageMonth month, CancellationToken cancellation)
    {
        _known.TryRemove(month, out _);
        var indexes = RecordColumns.IndexNames(month.Table).ToList();

        // What keeps ids unique goes with the table, in the last step: until then a record that comes again is still known.
        foreach (var index in indexes[..^1])
        {
            await database.WriteAsync(session => session.ExecuteAsync($"DROP INDEX IF EXISTS {index}"), cancellation).ConfigureAwait(false);
        }

        await database.WriteAsync(
            async session =>
            {
                await session.Dialect.LockMigrationsAsync(session).ConfigureAwait(false);
                await session.ExecuteAsync($"DELETE FROM usage_partitions WHERE month = {month.Number}").ConfigureAwait(false);
                await UpdateViewAsync(session).ConfigureAwait(false);
                return await session.ExecuteAsync($"DROP TABLE IF EXISTS {month.Table}").ConfigureAwait(false);
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes tables within a transaction.</summary>
    public static async Task<bool> CreateAsync(DbSession session, IReadOnlyList<UsageMonth> months)
    {
        await session.Dialect.LockMigrationsAsync(session).ConfigureAwait(false);
        var there = await ListAsync(session).ConfigureAwait(false);
        foreach (var month in months.Except(there).ToList())
        {
            await session.ExecuteAsync(session.Dialect.PartitionSql(month.Table, "usage_records", Columns(session), month.First, month.Past)).ConfigureAwait(false);
            foreach (var index in RecordColumns.Indexes(month.Table))
            {
                await session.ExecuteAsync(index).ConfigureAwait(false);
            }

            await session.ExecuteAsync("INSERT INTO usage_partitions (month, first, past) VALUES (@Number, @First, @Past)", month).ConfigureAwait(false);
        }

        await UpdateViewAsync(session).ConfigureAwait(false);
        return true;
    }

    /// <summary>What stands over the partitions, for those who read them all at once.</summary>
    public static async Task UpdateViewAsync(DbSession session)
    {
        if (session.Dialect.HasPartitions)
        {
            await session.ExecuteAsync($"CREATE TABLE IF NOT EXISTS usage_records ({Columns(session)}) PARTITION BY RANGE (started_at)").ConfigureAwait(false);
            return;
        }

        var months = (await ListAsync(session).ConfigureAwait(false)).Take(MostInView).ToList();
        await session.ExecuteAsync("DROP VIEW IF EXISTS usage_records").ConfigureAwait(false);
        if (months.Count > 0)
        {
            await session.ExecuteAsync($"CREATE VIEW usage_records AS {string.Join(" UNION ALL ", months.Select(m => $"SELECT * FROM {m.Table}"))}").ConfigureAwait(false);
        }
    }

    private static string Columns(DbSession session) => RecordColumns.Declarations.Replace("{text}", session.Dialect.TextType, StringComparison.Ordinal);

    private static string Numbers(IEnumerable<UsageMonth> months) => string.Join(", ", months.Select(m => m.Number));
}
