using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Bedrock;

/// <summary>Amazon Bedrock: every chat through Converse, embeddings through InvokeModel.</summary>
internal sealed class BedrockAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    public override DialectId? ChatDialect(DialectId caller, string model) => DialectId.BedrockConverse;

    public override EmbeddingForm? Embeddings(string model) =>
        model.Contains("cohere.embed", StringComparison.Ordinal) ? EmbeddingForm.BedrockCohere
        : model.Contains("titan-embed", StringComparison.Ordinal) ? EmbeddingForm.BedrockTitan
        : null;

    public override Uri? Address(in UpstreamTarget target) => BedrockAddress.Of(Root, target);

    public override StreamFraming Framing(in UpstreamTarget target) => StreamFraming.EventStream;

    public override RequestTarget Describe(string model, DialectId dialect, int? maxOutputTokens) => base.Describe(model, dialect, maxOutputTokens) with { ModelInPath = true };
}
