using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Credentials;

/// <summary>Seals credentials of every type. A key is sealed as it is, as it always was; what has more parts is sealed whole, as JSON.</summary>
internal static class SealedCredentials
{
    public static StoredCredential Seal(this KeyRing ring, CredentialEntry credential)
    {
        var text = credential.Type == CredentialType.ApiKey ? credential.Secret : JsonSerializer.Serialize(credential, ContractsJson.Default.CredentialEntry);
        return ring.Seal(credential.Id, credential.ProviderId, text) with { Type = credential.Type };
    }

    /// <summary>The credential, or null when it does not open.</summary>
    public static CredentialEntry? OpenEntry(this KeyRing ring, StoredCredential stored)
    {
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
