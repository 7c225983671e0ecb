using Gateway.Contracts.Configuration;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Telemetry;

/// <summary>Names of providers as the OpenTelemetry conventions have them (<c>gen_ai.provider.name</c>).</summary>
internal static class ProviderNames
{
    /// <summary>The well-known name, or the provider's id where there is none.</summary>
    public static string Of(ProviderRuntime provider) => provider.Entry.Kind switch
    {
        ProviderKind.AzureOpenAI => "azure.ai.openai",
        ProviderKind.Anthropic => "anthropic",
        ProviderKind.Gemini => "gcp.gemini",
        ProviderKind.VertexAI => "gcp.vertex_ai",
        ProviderKind.Bedrock => "aws.bedrock",
        ProviderKind.Cohere => "cohere",
        ProviderKind.WatsonX => "ibm.watsonx.ai",
        _ => provider.Id switch
        {
            "mistral" or "codestral" => "mistral_ai",
            "xai" => "x_ai",
            _ => provider.Id,
        },
    };
}
