using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Gemini;

/// <summary>The Gemini API.</summary>
internal sealed class GeminiAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    public override DialectId? ChatDialect(DialectId caller, string model) => DialectId.Gemini;

    public override EmbeddingForm? Embeddings(string model) => EmbeddingForm.Gemini;

    public override Uri? Address(in UpstreamTarget target) => GeminiAddress.Of(Root + "/" + GeminiAddress.Resource(target.Model), target) is { } address
        ? new Uri(address, UriKind.Absolute)
        : target.Operation == UpstreamOperation.Models ? new Uri(Root + "/models" + target.Suffix, UriKind.Absolute) : null;

    public override RequestTarget Describe(string model, DialectId dialect, int? maxOutputTokens) => base.Describe(model, dialect, maxOutputTokens) with { ModelInPath = true };
}
