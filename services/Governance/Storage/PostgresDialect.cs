using Gateway.Contracts;
using Npgsql;
using NpgsqlTypes;

namespace Gateway.Governance.Storage;

internal sealed class PostgresDialect : SqlDialect
{
    // Any fixed number will do, as long as nothing else on the server takes the same advisory lock.
    private const long MigrationLock = 0x6761_7465_7761_7901;

    public override string TextType => "TEXT COLLATE \"C\"";

    public override string ForUpdate => " FOR UPDATE";

    public override string ForShare => " FOR SHARE";

    public override bool HasPartitions => true;

    public override string PartitionSql(string name, string parent, string columns, long first, long past)
        => $"CREATE TABLE {name} PARTITION OF {parent} FOR VALUES FROM ({first}) TO ({past})";

    public override string ContainsSql(string text, string part) => $"STRPOS({text}, {part}) > 0";

    public override string OneOf(string column, string parameter) => $"{column} = ANY({parameter})";

    // Compiling some thirty sums takes longer than adding them up. Travels with the query; the pool resets it.
    public override string BeforeSums => "SET jit = off; ";

    // Every instance looks at the store several times a second, so each has a connection.
    public override string InstancesSql => $"SELECT COUNT(DISTINCT application_name) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '{WireNames.PostgresClientPrefix}%'";

    public override string ColumnCountSql => "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = @table AND column_name = @column";

    public override string SizeSql => "SELECT pg_database_size(current_database())";

    public override Task LockMigrationsAsync(DbSession session)
        => session.ExecuteAsync("SELECT pg_advisory_xact_lock(@key)", new { key = MigrationLock });

    public override async Task<IReadOnlyList<T>> BulkInsertAsync<T>(DbSession session, BulkTable<T> table, IReadOnlyList<T> rows)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var command = new NpgsqlCommand(
            $"""
             INSERT INTO {table.Name} ({table.ColumnList})
             SELECT * FROM unnest({string.Join(", ", table.Columns.Select((_, i) => $"@p{i}"))})
             {table.ConflictClause} RETURNING {table.Key[0]}
             """,
            (NpgsqlConnection)session.Connection,
            (NpgsqlTransaction?)session.Transaction);
        await using (command.ConfigureAwait(false))
        {
            for (var i = 0; i < table.Columns.Count; i++)
            {
                command.Parameters.Add(Values(table.Columns[i], rows, $"p{i}"));
            }

            var keys = new HashSet<string>(rows.Count, StringComparer.Ordinal);
            var reader = await command.ExecuteReaderAsync(session.Cancellation).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(session.Cancellation).ConfigureAwait(false))
                {
                    keys.Add(reader.GetValue(0).ToString()!);
                }
            }

            return [.. rows.Where(r => keys.Contains(table.KeyOf(r)))];
        }
    }

    private static NpgsqlParameter Values<T>(BulkColumn<T> column, IReadOnlyList<T> rows, string name)
    {
        if (column.Text is { } text)
        {
            var texts = new string[rows.Count];
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = text(rows[i]);
            }

            return new NpgsqlParameter(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = texts };
        }

        var numbers = new long[rows.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = column.Number!(rows[i]);
        }

        return new NpgsqlParameter(name, NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = numbers };
    }
}
