using System.Data.Common;

namespace Gateway.Governance.Storage;

/// <summary>The store: SQLite or Postgres behind one way to read and one way to write.</summary>
internal abstract class Database
{
    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Where it is, without credentials.</summary>
    public abstract string Location { get; }

    /// <summary>Where the two engines' SQL differs.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>Runs a query outside any transaction.</summary>
    public async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> query, CancellationToken cancellation)
    {
        var connection = await OpenAsync(cancellation).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await query(new DbSession(connection, null, Dialect, cancellation)).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction that is durable when this returns, or rolled back when the work throws or
    /// calls <see cref="DbSession.Abandon"/>. The work may run again after a conflict with another writer.
    /// </summary>
    public abstract Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation);

    /// <summary>Opens a connection.</summary>
    protected abstract Task<DbConnection> OpenAsync(CancellationToken cancellation);

    /// <summary>One attempt of <see cref="WriteAsync"/> on an own connection.</summary>
    protected async Task<T> TransactAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation)
    {
        var connection = await OpenAsync(cancellation).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var session = new DbSession(connection, transaction, Dialect, cancellation);
                var result = await work(session).ConfigureAwait(false);
                if (session.IsAbandoned)
                {
                    await transaction.RollbackAsync(cancellation).ConfigureAwait(false);
                }
                else
                {
                    // Past this point the outcome is the store's: a caller who goes away must not make it unknown.
                    await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                }

                return result;
            }
        }
    }
}
