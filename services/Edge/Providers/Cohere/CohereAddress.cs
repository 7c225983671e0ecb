using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.Cohere;

/// <summary>Addresses of Cohere; the base address may name the version or not.</summary>
internal sealed class CohereAddress
{
    private readonly Uri _chat;
    private readonly Uri _embed;
    private readonly Uri _embeddings;
    private readonly Uri _rerank;
    private readonly Uri _models;

    public CohereAddress(string baseUrl)
    {
        var root = baseUrl.TrimEnd('/');
        root = root.EndsWith("/v2", StringComparison.Ordinal) || root.EndsWith("/v1", StringComparison.Ordinal) ? root[..^3] : root;
        _chat = new Uri(root + "/v2/chat", UriKind.Absolute);
        _embed = new Uri(root + "/v2/embed", UriKind.Absolute);
        _embeddings = new Uri(root + "/compatibility/v1/embeddings", UriKind.Absolute);
        _rerank = new Uri(root + "/v2/rerank", UriKind.Absolute);
        _models = new Uri(root + "/v1/models", UriKind.Absolute);
    }

    public Uri? Of(in UpstreamTarget target) => target.Operation switch
    {
        UpstreamOperation.Chat => _chat,
        // Cohere's own OpenAI-compatible part takes OpenAI's embeddings as they are.
        UpstreamOperation.Embedding => target.Dialect switch { DialectId.Cohere => _embed, DialectId.OpenAIChat => _embeddings, _ => null },
        UpstreamOperation.Rerank => _rerank,
        UpstreamOperation.Models => _models,
        _ => null,
    };
}
