using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Gemini;

/// <summary>The Gemini API.</summary>
internal sealed class GeminiAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    public override DialectId? ChatDialect(DialectId caller, string model) => DialectId.Gemini;

    public override EmbeddingForm? Embeddings(string model) => EmbeddingForm.OpenAI;

    public override Uri? Address(in UpstreamTarget target)
    {
        var address = target switch
        {
            // The API's own OpenAI-compatible part takes OpenAI's embeddings as they are.
            { Operation: UpstreamOperation.Embedding, Dialect: DialectId.OpenAIChat } => Root + "/openai/embeddings",
            { Operation: UpstreamOperation.Models } => Root + "/models" + target.Suffix,
            _ => GeminiAddress.Of(Root + "/" + GeminiAddress.Resource(target.Model), target),
        };
        return address is null ? null : new Uri(address, UriKind.Absolute);
    }

    public override RequestTarget Describe(string model, DialectId dialect, int? maxOutputTokens) => base.Describe(model, dialect, maxOutputTokens) with { ModelInPath = true };
}
