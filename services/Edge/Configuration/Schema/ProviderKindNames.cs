using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Schema;

/// <summary>The kinds of providers by their names in the configuration file.</summary>
internal static class ProviderKindNames
{
    private static readonly (string Name, ProviderKind Kind)[] _kinds =
    [
        ("openai", ProviderKind.OpenAI),
        ("demo", ProviderKind.Demo),
        ("azure", ProviderKind.AzureOpenAI),
        ("anthropic", ProviderKind.Anthropic),
        ("gemini", ProviderKind.Gemini),
        ("vertexai", ProviderKind.VertexAI),
        ("bedrock", ProviderKind.Bedrock),
        ("cohere", ProviderKind.Cohere),
        ("watsonx", ProviderKind.WatsonX),
        ("elevenlabs", ProviderKind.ElevenLabs),
        ("deepgram", ProviderKind.Deepgram),
    ];

    public static string[] All { get; } = [.. _kinds.Select(static k => k.Name)];

    /// <summary>The kind of the name at <paramref name="index"/> of <see cref="All"/>.</summary>
    public static ProviderKind At(int index) => _kinds[index].Kind;
}
