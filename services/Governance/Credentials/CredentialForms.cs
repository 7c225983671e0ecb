using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Credentials;

/// <summary>What a credential of each type must have. Messages never quote a secret.</summary>
internal static class CredentialForms
{
    private const int PartLength = 2048;
    private const int TokenLength = 16 * 1024;

    public static int SecretLength(CredentialType type) => type == CredentialType.ServiceAccount ? 64 * 1024 : TokenLength;

    /// <summary>What is wrong with a secret. Keys become header values; a key document is JSON with line ends.</summary>
    public static string? SecretError(CredentialType type, string secret) => type switch
    {
        CredentialType.ServiceAccount => secret.TrimStart().StartsWith('{') ? null : "must be the JSON document of a key, beginning with '{'.",
        _ => Visible(secret),
    };

    public static AwsIdentity? Aws(ObjectReader reader)
    {
        if (reader.Nested("aws") is not { } nested)
        {
            return null;
        }

        var identity = new AwsIdentity
        {
            AccessKeyId = Part(nested, "accessKeyId"),
            SessionToken = nested.Text("sessionToken", required: false, TokenLength, Visible) is { Length: > 0 } token ? token : null,
            Profile = Part(nested, "profile"),
            RoleArn = Part(nested, "roleArn"),
            ExternalId = Part(nested, "externalId"),
        };
        nested.Close();
        return identity;
    }

    public static EntraIdentity? Entra(ObjectReader reader)
    {
        if (reader.Nested("entra") is not { } nested)
        {
            return null;
        }

        var identity = new EntraIdentity { TenantId = Part(nested, "tenantId") ?? "", ClientId = Part(nested, "clientId") ?? "" };
        nested.Close();
        return identity;
    }

    /// <summary>Checks that the parts fit the type.</summary>
    public static void Check(ObjectReader reader, CredentialEntry credential)
    {
        var needsSecret = credential.Type switch
        {
            CredentialType.Aws => credential.Aws?.AccessKeyId is not null,
            CredentialType.Ambient => false,
            _ => true,
        };
        if (needsSecret && credential.Secret.Length == 0)
        {
            reader.Error("secret", "is required.");
        }
        else if (!needsSecret && credential.Secret.Length > 0)
        {
            reader.Error("secret", credential.Type == CredentialType.Aws ? "is the secret access key and needs aws.accessKeyId beside it." : "must be absent: the identity is that of the machine.");
        }

        if (credential.Aws is not null && credential.Type != CredentialType.Aws)
        {
            reader.Error("aws", "is only for the type aws.");
        }

        if (credential.Entra is not null && credential.Type is not (CredentialType.Entra or CredentialType.Ambient))
        {
            reader.Error("entra", "is only for the types entra and ambient.");
        }

        if (credential.Type == CredentialType.Entra && credential.Entra is not { TenantId.Length: > 0, ClientId.Length: > 0 })
        {
            reader.Error("entra", "must have tenantId and clientId.");
        }
    }

    private static string? Part(ObjectReader reader, string name) => reader.Text(name, required: false, PartLength, Visible) is { Length: > 0 } text ? text : null;

    private static string? Visible(string text) => text.Any(c => c is <= ' ' or > '~') ? "must have only visible ASCII characters, without spaces or line ends." : null;
}
