using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Credentials;

/// <summary>Seals credentials of every type. A key is sealed as it is, as it always was; what has more parts is sealed whole, as JSON.</summary>
internal static class SealedCredentials
{
    /// <param name="ring">The ring.</param>
    /// <param name="credential">The credential; with a reference its secret is empty.</param>
    /// <param name="reference">Where the secret is kept, or null.</param>
    public static StoredCredential Seal(this KeyRing ring, CredentialEntry credential, SecretReference? reference = null)
    {
        if (reference is not null && credential is { Aws: null, Entra: null })
        {
            return new StoredCredential { Id = credential.Id, ProviderId = credential.ProviderId, KeyId = "", Sealed = "", Type = credential.Type, SecretRef = reference };
        }

        var text = credential.Type == CredentialType.ApiKey ? credential.Secret : JsonSerializer.Serialize(credential, ContractsJson.Default.CredentialEntry);
        return ring.Seal(credential.Id, credential.ProviderId, text) with { Type = credential.Type, SecretRef = reference };
    }

    /// <summary>The credential, or null when it does not open. Of one with a reference the secret is empty.</summary>
    public static CredentialEntry? OpenEntry(this KeyRing ring, StoredCredential stored)
    {
        if (stored is { Sealed: "", SecretRef: not null })
        {
            return new CredentialEntry { Id = stored.Id, ProviderId = stored.ProviderId, Type = stored.Type, Secret = "" };
        }

        if (ring.Open(stored) is not { } text)
        {
            return null;
        }

        if (stored.Type == CredentialType.ApiKey)
        {
            return new CredentialEntry { Id = stored.Id, ProviderId = stored.ProviderId, Secret = text };
        }

        try
        {
            return JsonSerializer.Deserialize(text, ContractsJson.Default.CredentialEntry) is { } entry ? entry with { Id = stored.Id, ProviderId = stored.ProviderId, Type = stored.Type } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
