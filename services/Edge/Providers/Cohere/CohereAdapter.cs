using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Cohere;

/// <summary>Cohere, version 2 of its API.</summary>
internal sealed class CohereAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    private readonly CohereAddress _addresses = new(entry.BaseUrl);

    public override DialectId? ChatDialect(DialectId caller, string model) => DialectId.Cohere;

    public override EmbeddingForm? Embeddings(string model) => EmbeddingForm.OpenAI;

    public override Uri? Address(in UpstreamTarget target) => _addresses.Of(target);
}
