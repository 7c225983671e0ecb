using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>What the clouds' own environment variables say: identities that are more than a key, regions, projects and versions.</summary>
internal static class CloudProviders
{
    /// <summary>The identity that the environment holds for a provider, or null.</summary>
    public static CredentialEntry? Credential(CatalogueProvider known, Func<string, string?> getEnv)
    {
        string? Value(string name) => getEnv(name)?.Trim() is { Length: > 0 } value ? value : null;
        var id = known.Id + "-env";
        switch (known.Kind)
        {
            // Keys of AWS are on many machines for other reasons: only together with a region they are taken for Bedrock.
            case ProviderKind.Bedrock when Value("AWS_ACCESS_KEY_ID") is { } key && Value("AWS_SECRET_ACCESS_KEY") is { } secret && Region(getEnv) is not null:
                return new CredentialEntry
                {
                    Id = id, ProviderId = known.Id, Type = CredentialType.Aws, Secret = secret, Aws = new AwsIdentity { AccessKeyId = key, SessionToken = Value("AWS_SESSION_TOKEN") },
                };
            case ProviderKind.VertexAI when Value("GOOGLE_APPLICATION_CREDENTIALS") is not null:
                return new CredentialEntry { Id = id, ProviderId = known.Id, Type = CredentialType.Ambient, Secret = "" };
            case ProviderKind.AzureOpenAI when Value("AZURE_OPENAI_ENDPOINT") is not null
                && Value("AZURE_TENANT_ID") is { } tenant && Value("AZURE_CLIENT_ID") is { } client && Value("AZURE_CLIENT_SECRET") is { } clientSecret:
                return new CredentialEntry
                {
                    Id = id, ProviderId = known.Id, Type = CredentialType.Entra, Secret = clientSecret, Entra = new EntraIdentity { TenantId = tenant, ClientId = client },
                };
            default:
                return null;
        }
    }

    /// <summary>The entry with region, project and version as the environment says.</summary>
    public static ProviderEntry Complete(ProviderEntry entry, Func<string, string?> getEnv)
    {
        string? First(params string[] names) => names.Select(n => getEnv(n)?.Trim()).FirstOrDefault(static v => v is { Length: > 0 });
        return entry.Kind switch
        {
            ProviderKind.Bedrock => entry with { Region = Region(getEnv) },
            ProviderKind.VertexAI => entry with { Region = First("GOOGLE_CLOUD_LOCATION", "VERTEXAI_LOCATION"), Project = First("GOOGLE_CLOUD_PROJECT", "VERTEXAI_PROJECT") },
            ProviderKind.AzureOpenAI => entry with { ApiVersion = First("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION", "AZURE_API_VERSION") },
            ProviderKind.WatsonX => entry with { Project = First("WATSONX_PROJECT_ID"), Space = First("WATSONX_SPACE_ID", "WATSONX_DEPLOYMENT_SPACE_ID") },
            _ => entry,
        };
    }

    /// <summary>The variables that a completed entry still lacks, or null.</summary>
    public static string? Missing(ProviderEntry entry) => entry.Kind switch
    {
        ProviderKind.Bedrock when entry.Region is null => "AWS_REGION",
        ProviderKind.VertexAI when entry.Project is null => "GOOGLE_CLOUD_PROJECT",
        ProviderKind.WatsonX when entry.Project is null && entry.Space is null => "WATSONX_PROJECT_ID or WATSONX_SPACE_ID",
        _ => null,
    };

    private static string? Region(Func<string, string?> getEnv) =>
        getEnv("AWS_REGION")?.Trim() is { Length: > 0 } region ? region : getEnv("AWS_DEFAULT_REGION")?.Trim() is { Length: > 0 } fallback ? fallback : null;
}
