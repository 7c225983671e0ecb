using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers.Anthropic;
using Gateway.Edge.Providers.Azure;
using Gateway.Edge.Providers.Bedrock;
using Gateway.Edge.Providers.Cohere;
using Gateway.Edge.Providers.Deepgram;
using Gateway.Edge.Providers.ElevenLabs;
using Gateway.Edge.Providers.Gemini;
using Gateway.Edge.Providers.OpenAI;
using Gateway.Edge.Providers.VertexAI;
using Gateway.Edge.Providers.WatsonX;

namespace Gateway.Edge.Providers;

/// <summary>The adapter of each kind of provider.</summary>
internal static class ProviderAdapters
{
    /// <summary>The adapter of an entry whose defaults are filled in.</summary>
    public static IProviderAdapter Create(ProviderEntry entry) => entry.Kind switch
    {
        ProviderKind.AzureOpenAI => new AzureAdapter(entry),
        ProviderKind.Anthropic => new AnthropicAdapter(entry),
        ProviderKind.Gemini => new GeminiAdapter(entry),
        ProviderKind.VertexAI => new VertexAdapter(entry),
        ProviderKind.Bedrock => new BedrockAdapter(entry),
        ProviderKind.Cohere => new CohereAdapter(entry),
        ProviderKind.WatsonX => new WatsonXAdapter(entry),
        ProviderKind.ElevenLabs => new ElevenLabsAdapter(entry),
        ProviderKind.Deepgram => new DeepgramAdapter(entry),
        _ => new OpenAIAdapter(entry),
    };
}
