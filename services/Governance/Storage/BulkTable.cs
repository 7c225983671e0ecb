namespace Gateway.Governance.Storage;

/// <summary>One column of a <see cref="BulkTable{T}"/>: a text or a whole number.</summary>
internal sealed record BulkColumn<T>
{
    private BulkColumn(string name, Func<T, string>? text, Func<T, long>? number) => (Name, Text, Number) = (name, text, number);

    public string Name { get; }

    public Func<T, string>? Text { get; }

    public Func<T, long>? Number { get; }

    public static BulkColumn<T> Of(string name, Func<T, string> text) => new(name, text, null);

    public static BulkColumn<T> Of(string name, Func<T, long> number) => new(name, null, number);
}

/// <summary>A table that takes many rows at once.</summary>
/// <param name="Name">Table name.</param>
/// <param name="Key">Columns of the unique key; the first identifies a row of one insert when <paramref name="OnConflict"/> ignores.</param>
/// <param name="Columns">All columns written.</param>
/// <param name="OnConflict">What follows <c>ON CONFLICT (key) DO</c>.</param>
/// <param name="KeyOf">The value of the first key column.</param>
internal sealed record BulkTable<T>(string Name, IReadOnlyList<string> Key, IReadOnlyList<BulkColumn<T>> Columns, string OnConflict, Func<T, string> KeyOf)
{
    public string ColumnList { get; } = string.Join(", ", Columns.Select(c => c.Name));

    public string ConflictClause { get; } = $"ON CONFLICT ({string.Join(", ", Key)}) DO {OnConflict}";
}
