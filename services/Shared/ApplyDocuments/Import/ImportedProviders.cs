namespace Gateway.ApplyDocuments.Import;

/// <summary>Names of providers elsewhere, and what they are here: an id of the built-in table and a kind.</summary>
internal static class ImportedProviders
{
    private static readonly Dictionary<string, (string Id, string? Kind)> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["openai"] = ("openai", "OpenAI"),
        ["text-completion-openai"] = ("openai", "OpenAI"),
        ["azure"] = ("azure", "AzureOpenAI"),
        ["anthropic"] = ("anthropic", "Anthropic"),
        ["gemini"] = ("gemini", "Gemini"),
        ["vertex_ai"] = ("vertex", "VertexAI"),
        ["vertex"] = ("vertex", "VertexAI"),
        ["bedrock"] = ("bedrock", "Bedrock"),
        ["cohere"] = ("cohere", "Cohere"),
        ["cohere_chat"] = ("cohere", "Cohere"),
        ["watsonx"] = ("watsonx", "WatsonX"),
        ["elevenlabs"] = ("elevenlabs", "ElevenLabs"),
        ["deepgram"] = ("deepgram", "Deepgram"),
        ["groq"] = ("groq", null),
        ["mistral"] = ("mistral", null),
        ["deepseek"] = ("deepseek", null),
        ["openrouter"] = ("openrouter", null),
        ["xai"] = ("xai", null),
        ["together_ai"] = ("together", null),
        ["fireworks_ai"] = ("fireworks", null),
        ["perplexity"] = ("perplexity", null),
        ["cerebras"] = ("cerebras", null),
    };

    /// <summary>Public addresses of providers that speak OpenAI's dialect, where the file names none.</summary>
    private static readonly Dictionary<string, string> Addresses = new(StringComparer.Ordinal)
    {
        ["openai"] = "https://api.openai.com/v1",
        ["groq"] = "https://api.groq.com/openai/v1",
        ["mistral"] = "https://api.mistral.ai/v1",
        ["deepseek"] = "https://api.deepseek.com/v1",
        ["openrouter"] = "https://openrouter.ai/api/v1",
        ["xai"] = "https://api.x.ai/v1",
        ["together"] = "https://api.together.xyz/v1",
        ["fireworks"] = "https://api.fireworks.ai/inference/v1",
        ["perplexity"] = "https://api.perplexity.ai",
        ["cerebras"] = "https://api.cerebras.ai/v1",
    };

    /// <summary>Id, kind and address of a provider; null when it is not known and the file gives no address.</summary>
    public static (string Id, string Kind, string? Address)? Find(string name, string? address)
        => ByName.TryGetValue(name, out var known)
            ? (known.Id, known.Kind ?? "OpenAI", address ?? Addresses.GetValueOrDefault(known.Id))
            : address is not null ? (ImportDraft.Id(name), "OpenAI", address) : null;
}
