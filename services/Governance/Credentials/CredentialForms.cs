using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;

namespace Gateway.Governance.Credentials;

/// <summary>What a credential of each type must have. Messages never quote a secret.</summary>
internal static class CredentialForms
{
    private const int PartLength = 2048;
    private const int TokenLength = 16 * 1024;
    private const int DocumentLength = 64 * 1024;

    /// <summary>The secret. Keys become header values; a key document is JSON with line ends.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="type">What the credential is.</param>
    /// <param name="wrong">True when a secret was given that cannot be one.</param>
    public static string? Secret(ObjectReader reader, CredentialType type, out bool wrong)
    {
        var found = false;
        var secret = type == CredentialType.ServiceAccount
            ? reader.Document("secret", DocumentLength, text => (found = !text.TrimStart().StartsWith('{')) ? "must be the JSON document of a key, beginning with '{'." : null)
            : reader.Text("secret", required: false, TokenLength, text =>
            {
                var problem = Visible(text);
                found = problem is not null;
                return problem;
            });
        wrong = found;
        return secret;
    }

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
    /// <param name="reader">The request.</param>
    /// <param name="credential">What was read of it.</param>
    /// <param name="hasReference">True when the secret is kept elsewhere.</param>
    /// <param name="secretIsWrong">True when the secret has been told to be wrong already.</param>
    public static void Check(ObjectReader reader, CredentialEntry credential, bool hasReference, bool secretIsWrong)
    {
        var needsSecret = credential.Type switch
        {
            CredentialType.Aws => credential.Aws?.AccessKeyId is not null,
            CredentialType.Ambient => false,
            _ => true,
        };
        if (hasReference && credential.Secret.Length > 0)
        {
            reader.Error("secret", "and secretRef exclude each other. To store the secret here from now on, set secretRef to null.");
        }
        else if (needsSecret && credential.Secret.Length == 0 && !hasReference && !secretIsWrong)
        {
            reader.Error("secret", "is required, or secretRef.");
        }
        else if (!needsSecret && (hasReference || credential.Secret.Length > 0))
        {
            reader.Error(hasReference ? "secretRef" : "secret", credential.Type == CredentialType.Aws ? "is the secret access key and needs aws.accessKeyId beside it." : "must be absent: the identity is that of the machine.");
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

    /// <summary>Why a text cannot be the secret of a credential of a type; null when it can.</summary>
    public static string? Problem(CredentialType type, string secret) => type == CredentialType.ServiceAccount
        ? !secret.TrimStart().StartsWith('{') ? "the value is not the JSON document of a key" : null
        : secret.Length > TokenLength ? $"the value has more than {TokenLength} characters"
        : Visible(secret) is not null ? "the value has spaces, line ends or other characters that a key cannot have" : null;

    private static string? Part(ObjectReader reader, string name) => reader.Text(name, required: false, PartLength, Visible) is { Length: > 0 } text ? text : null;

    private static string? Visible(string text) => text.Any(c => c is <= ' ' or > '~') ? "must have only visible ASCII characters, without spaces or line ends." : null;
}
