using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.VertexAI;

/// <summary>Google Cloud's Vertex AI: Gemini, Anthropic's and Mistral's models each in their own dialect, all others through its OpenAI-compatible endpoint.</summary>
internal sealed class VertexAdapter(ProviderEntry entry) : ProviderAdapter(entry)
{
    private static readonly string[] _anthropicHeaders = ["anthropic-beta"];

    private readonly VertexAddress _addresses = new(entry);

    // The model is in the path and the version in the body, instead of a header.
    private readonly BodyEdits _anthropic = BodyEdits.Create(
        entry.RenamedParameters, [.. entry.DroppedParameters, "model"], [("anthropic_version", "\"vertex-2023-10-16\"")])!;

    public override DialectId? ChatDialect(DialectId caller, string model) => VertexModel.Of(model).Publisher switch
    {
        "google" => DialectId.Gemini,
        "anthropic" => DialectId.Anthropic,
        _ => DialectId.OpenAIChat,
    };

    public override EmbeddingForm? Embeddings(string model) => VertexModel.Of(model).Publisher == "google" ? EmbeddingForm.VertexPredict : null;

    public override Uri? Address(in UpstreamTarget target) => _addresses.Of(target);

    public override RequestTarget Describe(string model, DialectId dialect, int? maxOutputTokens)
    {
        var (publisher, name) = VertexModel.Of(model);
        return base.Describe(publisher is "google" or "anthropic" or "mistralai" ? name : model, dialect, maxOutputTokens) with
        {
            ModelInPath = publisher is "google" or "anthropic",
            Provider = publisher == "mistralai" ? "mistral" : "vertex_ai",
        };
    }

    public override BodyEdits? Edits(in UpstreamTarget target) =>
        target is { Operation: UpstreamOperation.Chat, Dialect: DialectId.Anthropic } ? _anthropic : base.Edits(target);

    public override string[] PassedHeaders(DialectId dialect) => dialect == DialectId.Anthropic ? _anthropicHeaders : [];
}
