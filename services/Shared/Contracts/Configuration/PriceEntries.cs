using Gateway.Contracts.Usage;

namespace Gateway.Contracts.Configuration;

/// <summary>
/// Price of a model in nano-US-dollars per 1,000,000 tokens of a class (1 USD per million tokens = 1,000,000,000). Classes are disjoint:
/// a token is billed in exactly one of them. A class without a price of its own is billed as its
/// documentation says; one that has it in <see cref="Variants"/> is billed at that where the variant applies.
/// </summary>
public sealed record PriceEntry
{
    /// <summary>Version of the figures, stamped on every usage record, for example <c>2026-11-21</c>.</summary>
    public required string Version { get; init; }

    /// <summary>From when on the figures hold, as the source says; null when it does not. Says where a version comes from, decides nothing.</summary>
    public DateTimeOffset? EffectiveFrom { get; init; }

    /// <summary>Page that the figures are from, or null.</summary>
    public string? Source { get; init; }

    /// <summary>True for a model that truly costs nothing: then every price is 0. Default false.</summary>
    public bool Free { get; init; }

    /// <summary>Uncached input tokens.</summary>
    public required long InputPerMillion { get; init; }

    /// <summary>Output tokens, reasoning included unless <see cref="ReasoningPerMillion"/> is set.</summary>
    public required long OutputPerMillion { get; init; }

    /// <summary>Input tokens read from the provider's prompt cache; null: as <see cref="InputPerMillion"/>.</summary>
    public long? CacheReadPerMillion { get; init; }

    /// <summary>Input tokens written to the provider's prompt cache; null: as <see cref="InputPerMillion"/>.</summary>
    public long? CacheWritePerMillion { get; init; }

    /// <summary>Input tokens written to the provider's prompt cache for an hour; null: as <see cref="CacheWritePerMillion"/>.</summary>
    public long? CacheWriteHourPerMillion { get; init; }

    /// <summary>Reasoning tokens, where billed apart from the output; null: as <see cref="OutputPerMillion"/>.</summary>
    public long? ReasoningPerMillion { get; init; }

    /// <summary>Audio input tokens; null: as <see cref="InputPerMillion"/>.</summary>
    public long? AudioInputPerMillion { get; init; }

    /// <summary>Audio input tokens read from the provider's prompt cache; null: as <see cref="CacheReadPerMillion"/>.</summary>
    public long? AudioCacheReadPerMillion { get; init; }

    /// <summary>Audio output tokens; null: as <see cref="OutputPerMillion"/>.</summary>
    public long? AudioOutputPerMillion { get; init; }

    /// <summary>Input tokens that stand for images; null: as <see cref="InputPerMillion"/>.</summary>
    public long? ImageInputPerMillion { get; init; }

    /// <summary>Input tokens that stand for images and were read from the provider's prompt cache; null: as <see cref="CacheReadPerMillion"/>.</summary>
    public long? ImageCacheReadPerMillion { get; init; }

    /// <summary>Output tokens that stand for images; null: as <see cref="OutputPerMillion"/>.</summary>
    public long? ImageOutputPerMillion { get; init; }

    /// <summary>Nano-US-dollars for each request. Default 0.</summary>
    public long PerRequest { get; init; }

    /// <summary>Nano-US-dollars for each image made that <see cref="Images"/> says nothing of. Default 0.</summary>
    public long PerImage { get; init; }

    /// <summary>Prices of images by size and quality; the dearest holds for an image that fits none of them. Default none.</summary>
    public IReadOnlyList<ImagePriceEntry> Images { get; set; } = [];

    /// <summary>Nano-US-dollars for each 1,000,000 pixels of the images made. Default 0.</summary>
    public long PerMillionPixels { get; init; }

    /// <summary>Nano-US-dollars for each second of a recording that is transcribed. Default 0.</summary>
    public long PerAudioSecond { get; init; }

    /// <summary>Nano-US-dollars for each character that is spoken. Default 0.</summary>
    public long PerCharacter { get; init; }

    /// <summary>Nano-US-dollars for each search of a reranking. Default 0.</summary>
    public long PerSearch { get; init; }

    /// <summary>Nano-US-dollars for each search of the web that the provider makes; by how much of the results is read, see <see cref="PerWebSearchLow"/> and <see cref="PerWebSearchHigh"/>. Default 0.</summary>
    public long PerWebSearch { get; init; }

    /// <summary>A search of which little is read; null: as <see cref="PerWebSearch"/>.</summary>
    public long? PerWebSearchLow { get; init; }

    /// <summary>A search of which much is read; null: as <see cref="PerWebSearch"/>.</summary>
    public long? PerWebSearchHigh { get; init; }

    /// <summary>Other prices for long prompts and for service tiers. At most 50; default none.</summary>
    public IReadOnlyList<PriceVariantEntry> Variants { get; set; } = [];
}

/// <summary>What is different in a service tier, for prompts above a size, or both. Classes that are not named keep their price.</summary>
public sealed record PriceVariantEntry
{
    /// <summary>The service tier it is for; null: requests served as usual.</summary>
    public ServiceTier? Tier { get; init; }

    /// <summary>
    /// It holds for requests whose prompt (all classes of input together) has more tokens than this, and then for all tokens of the request. Of several the highest holds.
    /// Default 0: whatever the size.
    /// </summary>
    public long AbovePromptTokens { get; init; }

    /// <summary>See <see cref="PriceEntry.InputPerMillion"/>; null: unchanged.</summary>
    public long? InputPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.OutputPerMillion"/>; null: unchanged.</summary>
    public long? OutputPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.CacheReadPerMillion"/>; null: unchanged.</summary>
    public long? CacheReadPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.CacheWritePerMillion"/>; null: unchanged.</summary>
    public long? CacheWritePerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.CacheWriteHourPerMillion"/>; null: unchanged.</summary>
    public long? CacheWriteHourPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.ReasoningPerMillion"/>; null: unchanged.</summary>
    public long? ReasoningPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.AudioInputPerMillion"/>; null: unchanged.</summary>
    public long? AudioInputPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.AudioCacheReadPerMillion"/>; null: unchanged.</summary>
    public long? AudioCacheReadPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.AudioOutputPerMillion"/>; null: unchanged.</summary>
    public long? AudioOutputPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.ImageInputPerMillion"/>; null: unchanged.</summary>
    public long? ImageInputPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.ImageCacheReadPerMillion"/>; null: unchanged.</summary>
    public long? ImageCacheReadPerMillion { get; init; }

    /// <summary>See <see cref="PriceEntry.ImageOutputPerMillion"/>; null: unchanged.</summary>
    public long? ImageOutputPerMillion { get; init; }
}

/// <summary>What an image of a size and quality costs.</summary>
public sealed record ImagePriceEntry
{
    /// <summary>The quality asked for; <see cref="ImageQuality.Unknown"/>: any.</summary>
    public ImageQuality Quality { get; init; }

    /// <summary>Most pixels of such an image; 0: any size. Of several that fit the smallest holds.</summary>
    public long MaxPixels { get; init; }

    /// <summary>Nano-US-dollars for each.</summary>
    public required long PerImage { get; init; }
}

/// <summary>
/// A price of one's own: of all models that match, or a factor on what they would cost otherwise. Absolute prices go from the most specific to the least; at most one factor, the
/// most specific, is applied to the result.
/// </summary>
public sealed record PriceOverrideEntry
{
    /// <summary>Unique id, part of the version on every record that it prices.</summary>
    public required string Id { get; init; }

    /// <summary>Display name; empty for none.</summary>
    public string Name { get; set; } = "";

    /// <summary>The deployment it is for; null: any.</summary>
    public string? DeploymentId { get; init; }

    /// <summary>The customer it is for; null: all.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The provider it is for; null: any.</summary>
    public string? ProviderId { get; init; }

    /// <summary>Models it is for, as sent to the provider; <c>*</c> stands for any text. Default <c>*</c>.</summary>
    public string Model { get; set; } = "*";

    /// <summary>False for one that is not applied. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>What it says, and when. Of several that hold at a moment the one that began last does. At least one, at most 100.</summary>
    public IReadOnlyList<PriceOverrideVersion> Versions { get; set; } = [];
}

/// <summary>What an override says for a time: a price or a factor, not both.</summary>
public sealed record PriceOverrideVersion
{
    /// <summary>Stamped on records as <c>override:ID@VERSION</c>; null: made of the figures, so that other figures have another one.</summary>
    public string? Version { get; init; }

    /// <summary>From when on it holds; null: it always did.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when it holds, exclusive; null: for good.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The price, or null. Its own version is the same as <see cref="Version"/>.</summary>
    public PriceEntry? Price { get; init; }

    /// <summary>What to pay of the price otherwise, in hundredths of a percent: 8,500 is a discount of 15 %. 1 to 1,000,000, or null.</summary>
    public int? FactorBasisPoints { get; init; }
}
