using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Auth;
using Gateway.Edge.Providers.Auth.Google;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Reads what a provider of the file is called with: a key, or the identity of a cloud.</summary>
internal static class CredentialReader
{
    private static readonly string[] _forms = ["apiKey", "serviceAccount", "aws", "entra"];

    /// <summary>The credential, or null when the file names none.</summary>
    public static CredentialEntry? Read(TextValue id, SectionReader section, ProviderKind kind, BuildContext context)
    {
        var given = _forms.Where(section.Has).ToList();
        var ambient = section.Flag("ambient");
        if (given.Count + (ambient ? 1 : 0) > 1)
        {
            context.Error(section.Join(given[^1]), section.PlaceOf(given[^1]), $"A provider has one credential. Legal: one of {string.Join(", ", _forms)} and ambient.");
        }

        var credential = given.FirstOrDefault() switch
        {
            "apiKey" => Key(id.Text, section, context),
            "serviceAccount" => ServiceAccount(id.Text, section, context),
            "aws" => Aws(id.Text, section.Section("aws"), context),
            "entra" => Entra(id.Text, section.Section("entra"), context),
            _ => ambient ? New(id.Text, CredentialType.Ambient, "") : null,
        };
        if (credential is not null && UpstreamAuths.Problem(new ProviderEntry { Id = id.Text, Kind = kind }, credential) is { } problem)
        {
            var at = given.FirstOrDefault() ?? "ambient";
            context.Error(section.Join(at), section.PlaceOf(at), char.ToUpperInvariant(problem[0]) + problem[1..]);
        }

        return credential;
    }

    private static CredentialEntry New(string id, CredentialType type, string secret) => new() { Id = id, ProviderId = id, Type = type, Secret = secret };

    private static CredentialEntry? Key(string id, SectionReader section, BuildContext context)
    {
        var key = section.Text("apiKey");
        if (key is not null && key.Text.Any(static c => c is < ' ' or > '~'))
        {
            context.Error(key, "The key holds characters that cannot be sent in a header. Legal: visible ASCII characters.");
        }

        return key is null ? null : New(id, CredentialType.ApiKey, key.Text);
    }

    private static CredentialEntry? ServiceAccount(string id, SectionReader section, BuildContext context)
    {
        if (section.Text("serviceAccount") is not { } document)
        {
            return null;
        }

        if (GoogleKey.Read(document.Text, out var problem) is null)
        {
            context.Error(document, char.ToUpperInvariant(problem[0]) + problem[1..] + ".");
        }

        return New(id, CredentialType.ServiceAccount, document.Text);
    }

    private static CredentialEntry Aws(string id, SectionReader aws, BuildContext context)
    {
        var (key, secret) = (aws.Text("accessKeyId"), aws.Text("secretAccessKey"));
        if (aws.Has("accessKeyId") != aws.Has("secretAccessKey"))
        {
            var missing = aws.Has("accessKeyId") ? "secretAccessKey" : "accessKeyId";
            context.Error(aws.Join(missing), aws.Place, "This key is missing: accessKeyId and secretAccessKey go together.");
        }

        return New(id, CredentialType.Aws, secret?.Text ?? "") with
        {
            Aws = new AwsIdentity
            {
                AccessKeyId = key?.Text,
                SessionToken = aws.Text("sessionToken")?.Text,
                Profile = aws.Text("profile")?.Text,
                RoleArn = aws.Text("roleArn")?.Text,
                ExternalId = aws.Text("externalId")?.Text,
            },
        };
    }

    private static CredentialEntry Entra(string id, SectionReader entra, BuildContext context)
    {
        var secret = entra.Text("clientSecret");
        if (secret is { Text.Length: > 4096 })
        {
            context.Error(secret, "The client secret is longer than any can be.");
        }

        return New(id, CredentialType.Entra, secret?.Text ?? "") with
        {
            Entra = new EntraIdentity { TenantId = entra.Text("tenantId")?.Text ?? "", ClientId = entra.Text("clientId")?.Text ?? "" },
        };
    }
}
