using System.Data.Common;

namespace Gateway.Governance.Storage;

internal sealed class SqliteDialect : SqlDialect
{
    public override string TextType => "TEXT";

    public override string Clustered => " WITHOUT ROWID";

    public override string ColumnCountSql => "SELECT COUNT(*) FROM pragma_table_info(@table) WHERE name = @column";

    public override string SizeSql => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

    // Every write transaction begins as BEGIN IMMEDIATE, which already keeps other processes out.
    public override Task LockMigrationsAsync(DbSession session) => Task.CompletedTask;

    public override async Task<IReadOnlyList<T>> BulkInsertAsync<T>(DbSession session, BulkTable<T> table, IReadOnlyList<T> rows)
    {
        var inserted = new List<T>(rows.Count);
        var command = session.Connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.Transaction = session.Transaction;
            command.CommandText =
                $"INSERT INTO {table.Name} ({table.ColumnList}) VALUES ({string.Join(", ", table.Columns.Select((_, i) => $"@p{i}"))}) {table.ConflictClause}";
            var parameters = new DbParameter[table.Columns.Count];
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i] = command.CreateParameter();
                parameters[i].ParameterName = $"@p{i}";
                command.Parameters.Add(parameters[i]);
            }

            // SQLite runs in this process: a statement prepared once and run per row costs microseconds and tells row by row what was new.
            foreach (var row in rows)
            {
                for (var i = 0; i < parameters.Length; i++)
                {
                    var column = table.Columns[i];
                    parameters[i].Value = column.Text is { } text ? text(row) : column.Number!(row);
                }

                if (await command.ExecuteNonQueryAsync(session.Cancellation).ConfigureAwait(false) > 0)
                {
                    inserted.Add(row);
                }
            }
        }

        return inserted;
    }
}
