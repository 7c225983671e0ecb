using System.Data.Common;
using Gateway.ServiceDefaults.Files;
using Microsoft.Data.Sqlite;

namespace Gateway.Governance.Storage;

/// <summary>The embedded store, one file.</summary>
internal sealed class SqliteDatabase : Database, IDisposable
{
    // One writer at a time is SQLite's own rule; waiting here, in order, costs less than its busy handler's sleeps.
    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly string _path;
    private readonly string _connectionString;

    public SqliteDatabase(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        _path = path;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30, Pooling = true }.ToString();
    }

    public override string Name => "sqlite";

    public override string Location => _path;

    public override SqlDialect Dialect { get; } = new SqliteDialect();

    public override async Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation)
    {
        await _writer.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await TransactAsync(work, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writer.Release();
        }
    }

    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
        _writer.Dispose();
    }

    protected override async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        OwnerOnlyFiles.EnsureFolder(Path.GetDirectoryName(_path)!);
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        var pragmas = connection.CreateCommand();
        await using (pragmas.ConfigureAwait(false))
        {
            // FULL, not NORMAL: the edge deletes its journal once usage is acknowledged, so an acknowledged commit must survive
            // a power cut and not only kill -9. Commits are grouped, so one fsync is shared by all batches that wait.
            pragmas.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000; PRAGMA foreign_keys=ON;";
            await pragmas.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }

        return connection;
    }
}
