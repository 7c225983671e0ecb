using System.Globalization;

namespace Gateway.Governance.Storage.Migrations;

/// <summary>Brings the schema to this build's version, one instance at a time.</summary>
internal sealed partial class Migrator(Database database, TimeProvider time, ILogger<Migrator> logger)
{
    /// <summary>Applies what is missing.</summary>
    /// <exception cref="StartupException">The schema is newer than this build.</exception>
    public async Task MigrateAsync(CancellationToken cancellation)
    {
        var applied = await database.WriteAsync(ApplyMissingAsync, cancellation).ConfigureAwait(false);
        if (applied > 0)
        {
            LogMigrated(logger, database.Name, Migration.All[^1].Number);
        }
    }

    private async Task<int> ApplyMissingAsync(DbSession session)
    {
        await session.Dialect.LockMigrationsAsync(session).ConfigureAwait(false);
        await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_version (number INTEGER PRIMARY KEY, applied_at BIGINT NOT NULL)").ConfigureAwait(false);
        var applied = await session.QueryAsync<int>("SELECT number FROM schema_version").ConfigureAwait(false);
        var unknown = applied.Except(Migration.All.Select(m => m.Number)).ToList();
        if (unknown.Count > 0)
        {
            throw new StartupException(
                $"The database's schema is version {unknown.Max()}, this build knows up to {Migration.All[^1].Number}: start a newer build, or restore a backup.");
        }

        // Not only the ones above the highest: capabilities number theirs ahead, so a lower one may arrive in a later build.
        var missing = Migration.All.Where(m => !applied.Contains(m.Number)).ToList();
        foreach (var migration in missing)
        {
            await session.ExecuteAsync(Fill(migration.Sql, session.Dialect)).ConfigureAwait(false);
            if (migration.After is { } after)
            {
                await after(session, time).ConfigureAwait(false);
            }

            await session.ExecuteAsync(
                "INSERT INTO schema_version (number, applied_at) VALUES (@Number, @now)",
                new { migration.Number, now = time.GetUtcNow().ToUnixTimeMilliseconds() }).ConfigureAwait(false);
        }

        return missing.Count;
    }

    private string Fill(string sql, SqlDialect dialect) => sql
        .Replace("{text}", dialect.TextType, StringComparison.Ordinal)
        .Replace("{clustered}", dialect.Clustered, StringComparison.Ordinal)
        .Replace("{identity}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
        // The clock, so that a database made anew starts above every version that edges kept from the old one.
        .Replace("{seed}", time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    [LoggerMessage(LogLevel.Information, "Schema of the {Store} store is at version {Version}.")]
    private static partial void LogMigrated(ILogger logger, string store, int version);
}
