using System.Text.Json;
using Gateway.Governance.Alerts;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Credentials;

/// <summary>What the keys of the ring seal, by key.</summary>
internal sealed class SealCount
{
    private readonly SortedDictionary<string, SortedDictionary<string, long>> _counts = new(StringComparer.Ordinal);

    /// <summary>Keys that seal something.</summary>
    public IEnumerable<string> Keys => _counts.Keys;

    /// <summary>What a key seals, by kind of thing.</summary>
    public IReadOnlyDictionary<string, long> Of(string keyId) => _counts.GetValueOrDefault(keyId) ?? [];

    public void Add(string keyId, string what)
    {
        if (!_counts.TryGetValue(keyId, out var counts))
        {
            _counts[keyId] = counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        }

        counts[what] = counts.GetValueOrDefault(what) + 1;
    }
}

/// <summary>A place in the store where things lie sealed under the key ring.</summary>
internal interface ISealedThings
{
    /// <summary>Counts what each key seals here.</summary>
    Task CountAsync(DbSession session, SealCount counts);

    /// <summary>Seals up to <paramref name="most"/> things anew that another than the current key of the ring seals. What does not open stays as it is.</summary>
    /// <returns>How many were sealed anew; 0 when there is nothing left to do.</returns>
    Task<int> ResealAsync(int most, CancellationToken cancellation);
}

/// <summary>Seals the secrets of entries anew, whatever their kind.</summary>
internal sealed class EntrySeals(KeyRing ring)
{
    /// <summary>Kinds whose entries have a secret.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [EntryKinds.Credential, EntryKinds.AlertChannel];

    /// <summary>The key that seals an entry's body, or null when nothing is sealed in it.</summary>
    public static string? KeyOf(string kind, string body) => body.Length == 0 ? null : kind switch
    {
        EntryKinds.Credential => Sealing(Credential(body)?.Sealed, Credential(body)?.KeyId),
        EntryKinds.AlertChannel => Sealing(Channel(body)?.Sealed, Channel(body)?.KeyId),
        _ => null,
    };

    /// <summary>The body sealed by the current key; null when it is already, has nothing sealed or does not open.</summary>
    public string? Reseal(string kind, string body)
    {
        if (KeyOf(kind, body) is not { } key || key == ring.Current)
        {
            return null;
        }

        return kind == EntryKinds.Credential
            ? Reseal(Credential(body)!) is { } credential ? JsonSerializer.Serialize(credential, StoredJson.Default.StoredCredential) : null
            : Reseal(Channel(body)!) is { } channel ? JsonSerializer.Serialize(channel, AlertJson.Default.StoredChannel) : null;
    }

    private StoredCredential? Reseal(StoredCredential credential)
        => ring.Open(credential) is { } text && ring.Seal(credential.Id, credential.ProviderId, text) is var box ? credential with { KeyId = box.KeyId, Sealed = box.Sealed } : null;

    private StoredChannel? Reseal(StoredChannel channel)
    {
        var bound = AlertChannelResource.SealedAs(channel.Id);
        return ring.Open(new StoredCredential { Id = bound, ProviderId = "", KeyId = channel.KeyId, Sealed = channel.Sealed }) is { } text && ring.Seal(bound, "", text) is var box
            ? channel with { KeyId = box.KeyId, Sealed = box.Sealed }
            : null;
    }

    private static string? Sealing(string? box, string? key) => string.IsNullOrEmpty(box) ? null : key;

    private static StoredCredential? Credential(string body) => JsonSerializer.Deserialize(body, DefaultingJson.For<StoredCredential>());

    private static StoredChannel? Channel(string body) => JsonSerializer.Deserialize(body, DefaultingJson.For<StoredChannel>());
}
