using Gateway.Governance.Entries;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Access;

/// <summary>Finds who holds a virtual key.</summary>
internal sealed class KeyHolders(ConfigStore store, TimeProvider time)
{
    private volatile Index? _index;

    /// <summary>The holder of a virtual key; null when it is unknown, blocked or expired.</summary>
    public Task<Actor?> FindAsync(string value, CancellationToken cancellation) => FindByHashAsync(KeyMaterial.Hash(value), cancellation);

    /// <summary>The same for the hash of a key's value.</summary>
    public async Task<Actor?> FindByHashAsync(string hash, CancellationToken cancellation)
    {
        var state = await store.CurrentAsync(cancellation).ConfigureAwait(false);
        var index = _index is { } known && ReferenceEquals(known.Keys, state.Keys) ? known : _index = new Index(state);
        if (!index.ByHash.TryGetValue(hash, out var key) || !key.Entry.Enabled)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var isCurrent = key.Entry.Sha256 == hash;
        return key.Entry.ExpiresAt <= now || (!isCurrent && !(key.Entry.PreviousUntil > now)) || (key.Entry.TeamId is { } team && state.Teams.TryGetValue(team, out var of) && !of.Value.Enabled)
            ? null
            : new Actor { Id = $"key:{key.Entry.Id}", Name = key.Entry.Name, Role = Role.KeyHolder, KeyId = key.Entry.Id };
    }

    /// <summary>Made anew for each change of keys, and only when a holder asks.</summary>
    private sealed class Index
    {
        public Index(ConfigState state)
        {
            Keys = state.Keys;
            foreach (var (_, key) in state.Keys)
            {
                ByHash[key.Value.Entry.Sha256] = key.Value;
                if (key.Value.Entry.PreviousSha256 is { } previous)
                {
                    ByHash.TryAdd(previous, key.Value);
                }
            }
        }

        public object Keys { get; }

        public Dictionary<string, StoredKey> ByHash { get; } = new(StringComparer.Ordinal);
    }
}
