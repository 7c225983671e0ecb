using System.Data.Common;
using Npgsql;

namespace Gateway.Governance.Storage;

/// <summary>The shared store of several governance instances.</summary>
internal sealed class PostgresDatabase(NpgsqlDataSource source) : Database
{
    private const int Attempts = 4;

    public override string Name => "postgres";

    public override string Location
    {
        get
        {
            var parts = new NpgsqlConnectionStringBuilder(source.ConnectionString);
            return $"{parts.Host}:{parts.Port}/{parts.Database}";
        }
    }

    public override SqlDialect Dialect { get; } = new PostgresDialect();

    public override async Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TransactAsync(work, cancellation).ConfigureAwait(false);
            }
            catch (PostgresException conflict) when (attempt < Attempts
                && conflict.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
            {
                // The server chose this transaction as the victim and rolled it back whole; the other one is through by now.
            }
        }
    }

    protected override async Task<DbConnection> OpenAsync(CancellationToken cancellation)
        => await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
}
