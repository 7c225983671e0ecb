using Gateway.Contracts.Cache;
using Gateway.Embeddings;

namespace Gateway.SemanticCache.Embedding;

/// <summary>The model that comes with the gateway, on the queue's threads.</summary>
internal sealed class BuiltInSource(MiniLmEmbeddingGenerator model, WorkQueue queue) : IEmbeddingSource
{
    public string Id => MiniLmEmbeddingGenerator.ModelId;

    public int Dimensions => MiniLmEmbeddingGenerator.Dimensions;

    public bool IsBuiltIn => true;

    public string? Obstacle(string text) => Languages.NotEnglish(text);

    public async ValueTask<EmbeddedText> EmbedAsync(string text, CancellationToken cancellationToken)
    {
        var (done, result) = await queue.RunAsync(
            () =>
            {
                var vector = new float[MiniLmEmbeddingGenerator.Dimensions];
                var tokens = model.Embed(text, vector, cancellationToken);
                return new EmbeddedText(vector, tokens.Truncated);
            },
            cancellationToken);
        return done ? result : new EmbeddedText(null, false, CacheReasons.Busy);
    }
}
