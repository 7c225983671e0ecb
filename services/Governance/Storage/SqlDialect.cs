namespace Gateway.Governance.Storage;

/// <summary>Where the SQL of the two engines differs; everything else is written once.</summary>
internal abstract class SqlDialect
{
    /// <summary>Column type of a text that is compared byte by byte.</summary>
    public abstract string TextType { get; }

    /// <summary>What follows a query whose rows this transaction is going to change, with a space before it; empty where writers take turns anyway.</summary>
    public virtual string ForUpdate => "";

    /// <summary>What follows a query whose rows no other transaction may change before this one ends, with a space before it.</summary>
    public virtual string ForShare => "";

    /// <summary>What follows the columns of a table that lies in the order of its key, with a space before it.</summary>
    public virtual string Clustered => "";

    /// <summary>True where a table can have partitions.</summary>
    public virtual bool HasPartitions => false;

    /// <summary>Makes the part of a table that holds the times from <paramref name="first"/> to before <paramref name="past"/>, or a table that stands for it.</summary>
    public virtual string PartitionSql(string name, string parent, string columns, long first, long past) => $"CREATE TABLE {name} ({columns})";

    /// <summary>True where <paramref name="text"/> has <paramref name="part"/> in it, by case.</summary>
    public virtual string ContainsSql(string text, string part) => $"INSTR({text}, {part}) > 0";

    /// <summary>A condition that a column is one of the values of a list parameter.</summary>
    public virtual string OneOf(string column, string parameter) => $"{column} IN {parameter}";

    /// <summary>What comes before a query that adds up many columns; empty for nothing.</summary>
    public virtual string BeforeSums => "";

    /// <summary>Keeps a second instance out of the migrations until this transaction ends.</summary>
    public abstract Task LockMigrationsAsync(DbSession session);

    /// <summary>Counts the columns of the table <c>@table</c> that are named <c>@column</c>: 1 or 0.</summary>
    public abstract string ColumnCountSql { get; }

    /// <summary>Size of the database in bytes.</summary>
    public abstract string SizeSql { get; }

    /// <summary>How many instances of governance are on this database.</summary>
    public virtual string InstancesSql => "SELECT 1";

    /// <summary>Inserts many rows the engine's fastest way; returns those that were really inserted.</summary>
    public abstract Task<IReadOnlyList<T>> BulkInsertAsync<T>(DbSession session, BulkTable<T> table, IReadOnlyList<T> rows);
}
