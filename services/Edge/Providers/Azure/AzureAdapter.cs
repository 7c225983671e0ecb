using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Azure;

/// <summary>Azure OpenAI: OpenAI's dialect, at addresses of its own. Models are named by deployment.</summary>
internal sealed class AzureAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    private static readonly string[] _passed = ["OpenAI-Beta", "Idempotency-Key"];

    private readonly AzureAddress _addresses = new(entry.BaseUrl, entry.ApiVersion);

    public override DialectId? ChatDialect(DialectId caller, string model) => caller switch
    {
        DialectId.OpenAIResponses when Entry.NativeResponses || _addresses.IsV1 => DialectId.OpenAIResponses,
        DialectId.OpenAICompletions => DialectId.OpenAICompletions,
        _ => DialectId.OpenAIChat,
    };

    public override EmbeddingForm? Embeddings(string model) => EmbeddingForm.OpenAI;

    public override Uri? Address(in UpstreamTarget target) => _addresses.Of(target);

    public override string[] PassedHeaders(DialectId dialect) => _passed;
}
