using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Auth.Google;
using Gateway.Edge.Providers.Bedrock;
using Gateway.Edge.Providers.VertexAI;
using Gateway.Edge.Providers.WatsonX;

namespace Gateway.Edge.Providers;

/// <summary>Fills in what a provider's entry leaves to its kind, its credential or the environment: region, project, address.</summary>
internal static class ProviderDefaults
{
    /// <summary>The entry with everything filled in that can be known.</summary>
    /// <param name="entry">The entry as configured.</param>
    /// <param name="credentials">The provider's credentials.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static ProviderEntry Fill(ProviderEntry entry, IEnumerable<CredentialEntry> credentials, Func<string, string?> environment)
    {
        string? First(params string[] names) => names.Select(environment).FirstOrDefault(static v => !string.IsNullOrWhiteSpace(v))?.Trim();
        var filled = entry.Kind switch
        {
            ProviderKind.Demo => entry with { BaseUrl = "http://demo.invalid/v1" },
            ProviderKind.Bedrock => entry with { Region = entry.Region ?? BedrockAddress.RegionOf(entry.BaseUrl) ?? First("AWS_REGION", "AWS_DEFAULT_REGION") },
            ProviderKind.VertexAI => entry with
            {
                Region = entry.Region ?? First("GOOGLE_CLOUD_LOCATION", "VERTEXAI_LOCATION") ?? "global",
                Project = entry.Project
                    ?? credentials.Select(static c => c.Type == CredentialType.ServiceAccount ? GoogleKey.Read(c.Secret, out _)?.ProjectId : null).FirstOrDefault(static p => p is { Length: > 0 })
                    ?? First("GOOGLE_CLOUD_PROJECT", "VERTEXAI_PROJECT"),
            },
            ProviderKind.WatsonX => entry with { Region = entry.Region ?? "us-south", StreamUsageOption = false },
            _ => entry,
        };
        return filled.BaseUrl.Length > 0 ? filled : filled with { BaseUrl = PublicAddress(filled) };
    }

    /// <summary>What is missing for the provider to be called, in words for an operator; null when nothing is.</summary>
    public static string? Problem(ProviderEntry filled) => filled.Kind switch
    {
        ProviderKind.Bedrock when filled.Region is null && filled.BaseUrl.Length == 0 => "its AWS region is not known: set region, or AWS_REGION.",
        ProviderKind.VertexAI when filled.Project is null => "its Google Cloud project is not known: set project, or GOOGLE_CLOUD_PROJECT, or use a service account's key document, which names it.",
        ProviderKind.AzureOpenAI when filled.BaseUrl.Length == 0 => "Azure OpenAI has an address of its own for every resource: set baseUrl to https://RESOURCE.openai.azure.com.",
        _ when !(Uri.TryCreate(filled.BaseUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https") => $"base URL '{filled.BaseUrl}' is no absolute http or https address.",
        _ when filled.TokenUrl is { } token && !(Uri.TryCreate(token, UriKind.Absolute, out var tokenUri) && tokenUri.Scheme is "http" or "https") => "its token URL is no absolute http or https address.",
        _ => null,
    };

    private static string PublicAddress(ProviderEntry entry) => entry.Kind switch
    {
        ProviderKind.Anthropic => "https://api.anthropic.com/v1",
        ProviderKind.Gemini => "https://generativelanguage.googleapis.com/v1beta",
        ProviderKind.Cohere => "https://api.cohere.com",
        ProviderKind.ElevenLabs => "https://api.elevenlabs.io",
        ProviderKind.Deepgram => "https://api.deepgram.com",
        ProviderKind.Bedrock when entry.Region is { } region => BedrockAddress.BaseUrlOf(region),
        ProviderKind.VertexAI => VertexAddress.BaseUrlOf(entry.Region ?? "global"),
        ProviderKind.WatsonX => WatsonXAddress.BaseUrlOf(entry.Region ?? "us-south"),
        _ => "",
    };
}
