using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;

namespace Gateway.Catalogue;

/// <summary>What the built-in table knows of one model of one provider.</summary>
public sealed record PricedModel
{
    /// <summary>The provider's name in the price table.</summary>
    public required string Provider { get; init; }

    /// <summary>Model name as the provider knows it.</summary>
    public required string Model { get; init; }

    /// <summary>What the model is for.</summary>
    public required ModelMode Mode { get; init; }

    /// <summary>Its price, or null when there is none that a request could be billed by or the figures are in doubt.</summary>
    public PriceEntry? Price { get; init; }

    /// <summary>Most output tokens, or null when unknown.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Tokens of prompt and output together, or null when unknown.</summary>
    public int? ContextTokens { get; init; }

    /// <summary>Last day of service in the form <c>2026-11-30</c>, or null when none is announced.</summary>
    public string? RetiredOn { get; init; }
}

/// <summary>What a model is for.</summary>
public enum ModelMode
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>Chat completions.</summary>
    Chat = 1,

    /// <summary>Text completions.</summary>
    Completion = 2,

    /// <summary>Embeddings.</summary>
    Embedding = 3,

    /// <summary>Served only by the responses API.</summary>
    Responses = 4,

    /// <summary>Images made, of a prompt or of other images.</summary>
    Image = 5,

    /// <summary>Text made of speech.</summary>
    Transcription = 6,

    /// <summary>Speech made of text.</summary>
    Speech = 7,

    /// <summary>Reranking.</summary>
    Rerank = 8,

    /// <summary>Realtime sessions.</summary>
    Realtime = 9,

    /// <summary>Moderation.</summary>
    Moderation = 10,

    /// <summary>What the gateway has no operation for, as video; such models have no price here.</summary>
    Other = 11,
}

/// <summary>A model whose figures are not billed by, and why.</summary>
/// <param name="Provider">The provider's name in the price table.</param>
/// <param name="Model">Model name as the provider knows it.</param>
/// <param name="Tier">The service tier that is in doubt, while the rest is believed; null: the whole price is in doubt.</param>
/// <param name="Figures">The price as gathered: what would be billed by if it were believed.</param>
/// <param name="Reason">What is wrong, in a sentence.</param>
public sealed record DoubtfulPrice(string Provider, string Model, ServiceTier? Tier, PriceEntry Figures, string Reason);
