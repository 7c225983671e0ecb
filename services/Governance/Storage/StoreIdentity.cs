namespace Gateway.Governance.Storage;

/// <summary>The id that this database was given when it was made: configuration versions count within it.</summary>
internal sealed class StoreIdentity(Database database)
{
    private string? _id;

    /// <summary>The id, a GUID.</summary>
    /// <exception cref="InvalidOperationException">Asked before the service was ready.</exception>
    public string Id => _id ?? throw new InvalidOperationException("The store's id is asked for before it was read.");

    /// <summary>Reads the id. The schema must be in place.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
        => _id = await database.ReadAsync(s => s.ScalarAsync<string>("SELECT id FROM store_identity"), cancellation).ConfigureAwait(false);
}
