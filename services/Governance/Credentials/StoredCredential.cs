using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Credentials;

/// <summary>A credential as it lies in the store: the secret only as ciphertext.</summary>
internal sealed record StoredCredential
{
    public required string Id { get; init; }

    public required string ProviderId { get; init; }

    /// <summary>The key of the ring that encrypted it.</summary>
    public required string KeyId { get; init; }

    /// <summary>Base64 of nonce (12 bytes), tag (16 bytes), ciphertext.</summary>
    public required string Sealed { get; init; }

    /// <summary>What is sealed: of an API key the key itself, of all other types the whole credential as JSON.</summary>
    public CredentialType Type { get; set; } = CredentialType.ApiKey;
}

/// <summary>A provider credential, without its secret: that is never given back.</summary>
public sealed record CredentialView
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>The provider it belongs to.</summary>
    public required string ProviderId { get; init; }

    /// <summary>What the credential is.</summary>
    public CredentialType Type { get; set; } = CredentialType.ApiKey;
}
