using System.Data.Common;
using Dapper;

namespace Gateway.Governance.Storage;

/// <summary>A connection, and its transaction if there is one, for the duration of one piece of work.</summary>
internal sealed class DbSession(DbConnection connection, DbTransaction? transaction, SqlDialect dialect, CancellationToken cancellation)
{
    public DbConnection Connection => connection;

    public DbTransaction? Transaction => transaction;

    public SqlDialect Dialect => dialect;

    public CancellationToken Cancellation => cancellation;

    /// <summary>True when the transaction is to be rolled back although nothing threw.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Asks for a rollback.</summary>
    public void Abandon() => IsAbandoned = true;

    public Task<int> ExecuteAsync(string sql, object? parameters = null) => connection.ExecuteAsync(Command(sql, parameters));

    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null)
        => (await connection.QueryAsync<T>(Command(sql, parameters)).ConfigureAwait(false)).AsList();

    public async Task<T?> ScalarAsync<T>(string sql, object? parameters = null)
        => await connection.ExecuteScalarAsync<T>(Command(sql, parameters)).ConfigureAwait(false);

    /// <summary>Inserts many rows; returns those that were really inserted.</summary>
    public Task<IReadOnlyList<T>> BulkInsertAsync<T>(BulkTable<T> table, IReadOnlyList<T> rows) => dialect.BulkInsertAsync(this, table, rows);

    private CommandDefinition Command(string sql, object? parameters)
        => new(sql, parameters, transaction, cancellationToken: cancellation);
}
