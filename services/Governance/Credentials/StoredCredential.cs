using Gateway.Contracts.Configuration;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Credentials;

/// <summary>A credential as it lies in the store: the secret only as ciphertext.</summary>
internal sealed record StoredCredential
{
    public required string Id { get; init; }

    public required string ProviderId { get; init; }

    /// <summary>The key of the ring that encrypted it; empty when nothing is sealed.</summary>
    public required string KeyId { get; init; }

    /// <summary>Base64 of nonce (12 bytes), tag (16 bytes), ciphertext; empty when there is nothing besides the reference.</summary>
    public required string Sealed { get; init; }

    /// <summary>What is sealed: of an API key the key itself, of all other types the whole credential as JSON.</summary>
    public CredentialType Type { get; set; } = CredentialType.ApiKey;

    /// <summary>Where the secret itself is kept, when it is not here.</summary>
    public SecretReference? SecretRef { get; init; }
}

/// <summary>A provider credential as it is sent to the admin API.</summary>
public sealed record CredentialRequest
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>The provider it belongs to.</summary>
    public required string ProviderId { get; init; }

    /// <summary>What the credential is.</summary>
    public CredentialType Type { get; set; } = CredentialType.ApiKey;

    /// <summary>
    /// The secret itself, by the type: the key; the service account's JSON document; the AWS secret access key; the Entra client secret. Left out: as before.
    /// </summary>
    public string? Secret { get; init; }

    /// <summary>Where the secret is kept, instead of the secret.</summary>
    public SecretReference? SecretRef { get; init; }

    /// <summary>The rest of an AWS identity; only with the type Aws.</summary>
    public AwsIdentity? Aws { get; init; }

    /// <summary>The rest of a Microsoft Entra identity.</summary>
    public EntraIdentity? Entra { get; init; }
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

    /// <summary>Where the secret is kept; absent when it is stored here.</summary>
    public SecretReference? SecretRef { get; init; }
}
