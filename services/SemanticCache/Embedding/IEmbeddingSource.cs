namespace Gateway.SemanticCache.Embedding;

/// <summary>A model that makes vectors of questions. Models never mix: <see cref="Id"/> is part of every vector space.</summary>
internal interface IEmbeddingSource
{
    /// <summary>Names the model and where it runs.</summary>
    string Id { get; }

    int Dimensions { get; }

    /// <summary>True for the built-in model, whose vectors the verifier knows.</summary>
    bool IsBuiltIn { get; }

    /// <summary>Why the model cannot compare a text, a word of <see cref="Contracts.Cache.CacheReasons"/>: its script or language is unknown to it. Null where it can.</summary>
    string? Obstacle(string text);

    /// <summary>A unit vector.</summary>
    ValueTask<EmbeddedText> EmbedAsync(string text, CancellationToken cancellationToken);
}

/// <summary>A vector, or why there is none.</summary>
/// <param name="Vector">Unit vector; null without one.</param>
/// <param name="Truncated">The text was longer than the model's window, and its end is not in the vector.</param>
/// <param name="Reason">A word of <see cref="Contracts.Cache.CacheReasons"/> where there is no vector.</param>
internal readonly record struct EmbeddedText(float[]? Vector, bool Truncated, string? Reason = null);
