using Gateway.Governance.Entries;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Credentials;

/// <summary>Secrets of the entries that are in force.</summary>
internal sealed class SealedEntries(ConfigStore store, EntrySeals seals, KeyRing ring) : ISealedThings
{
    private const string Select = "SELECT kind, id, version, created_at AS CreatedAt, updated_at AS UpdatedAt, deleted, body FROM config_entries WHERE kind = @kind AND deleted = 0";

    public async Task CountAsync(DbSession session, SealCount counts)
    {
        foreach (var kind in EntrySeals.Kinds)
        {
            foreach (var row in await session.QueryAsync<EntryRow>(Select, new { kind }).ConfigureAwait(false))
            {
                if (EntrySeals.KeyOf(kind, row.Body) is { } key)
                {
                    counts.Add(key, kind + "s");
                }
            }
        }
    }

    public async Task<int> ResealAsync(int most, CancellationToken cancellation)
    {
        var state = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        return state.Credentials.Values.Any(c => IsOld(c.Value.Sealed, c.Value.KeyId)) || state.AlertChannels.Values.Any(c => IsOld(c.Value.Sealed, c.Value.KeyId))
            ? await store.RewriteAsync(session => RewriteAsync(session, most), cancellation).ConfigureAwait(false)
            : 0;
    }

    private async Task<IReadOnlyList<EntryWrite>> RewriteAsync(DbSession session, int most)
    {
        var writes = new List<EntryWrite>();
        foreach (var kind in EntrySeals.Kinds)
        {
            foreach (var row in await session.QueryAsync<EntryRow>(Select, new { kind }).ConfigureAwait(false))
            {
                if (writes.Count < most && seals.Reseal(kind, row.Body) is { } body)
                {
                    writes.Add(new EntryWrite(kind, row.Id, body));
                }
            }
        }

        return writes;
    }

    private bool IsOld(string box, string keyId) => box.Length > 0 && keyId != ring.Current && ring.Knows(keyId);
}
