using Gateway.Contracts.Configuration;

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

    /// <summary>
    /// Price of a prompt of ordinary length, or null when there is no token price or the figures are in doubt. Surcharges for very long
    /// prompts and discounts for batch or flexible service are not in it; see <see cref="HasLongPromptPrice"/>.
    /// </summary>
    public PriceEntry? Price { get; init; }

    /// <summary>True when prompts above a length given by the provider cost more than <see cref="Price"/> says.</summary>
    public bool HasLongPromptPrice { get; init; }

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
}

/// <summary>A model whose figures are not billed by, and why.</summary>
/// <param name="Provider">The provider's name in the price table.</param>
/// <param name="Model">Model name as the provider knows it.</param>
/// <param name="Input">US dollars per 1,000,000 input tokens as gathered, or null.</param>
/// <param name="Output">US dollars per 1,000,000 output tokens as gathered, or null.</param>
/// <param name="Reason">What is wrong, in a sentence.</param>
public sealed record DoubtfulPrice(string Provider, string Model, decimal? Input, decimal? Output, string Reason);
