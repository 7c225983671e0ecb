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

    /// <summary>Keeps a second instance out of the migrations until this transaction ends.</summary>
    public abstract Task LockMigrationsAsync(DbSession session);

    /// <summary>Size of the database in bytes.</summary>
    public abstract string SizeSql { get; }

    /// <summary>Inserts many rows the engine's fastest way; returns those that were really inserted.</summary>
    public abstract Task<IReadOnlyList<T>> BulkInsertAsync<T>(DbSession session, BulkTable<T> table, IReadOnlyList<T> rows);
}
