using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Keys;

/// <summary>A virtual key as it lies in the store: what the edges get, and the start of the key by which people recognise it.</summary>
internal sealed record StoredKey
{
    public required VirtualKeyEntry Entry { get; init; }

    public required string Prefix { get; init; }
}
