namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of prices, wherever one stands.</summary>
internal static class PriceRows
{
    /// <summary>Where the figures of a deployment's price are.</summary>
    public const string Own = "deployments.<id>.price.";

    public const string TimeForm = "a date or time such as 2026-12-01 or 2026-12-01T18:00:00Z (UTC unless an offset is given)";
    private const string Versions = "priceOverrides.<id>.versions[]";

    /// <summary>Prices of one's own.</summary>
    public static IReadOnlyList<Setting> Overrides { get; } =
    [
        new("priceOverrides", SettingType.Map, "Prices of one's own by id: of all models that match, or a factor on what they would cost otherwise. Which one applies is told in prices.md."),
        new("priceOverrides.<id>", SettingType.Section, "A price of one's own."),
        new("priceOverrides.<id>.deployment", SettingType.Text, "The deployment it is for. Absent: any.") { Form = "the id of one of `deployments`" },
        new("priceOverrides.<id>.provider", SettingType.Text, "The provider it is for. Absent: any.") { Form = "the id of one of `providers`" },
        new("priceOverrides.<id>.customer", SettingType.Text, "The customer it is for. Absent: all.") { Form = "the id of one of `customers`" },
        new("priceOverrides.<id>.model", SettingType.Text, "Models it is for, as sent to the provider; `*` stands for any text.") { Form = "a model name", Default = "*" },
        new("priceOverrides.<id>.enabled", SettingType.Flag, "false: it is not applied.") { Default = "true" },
        new("priceOverrides.<id>.versions", SettingType.List, "What it says and when; of several that hold at a moment the one that began last does.") { Required = true },
        new(Versions, SettingType.Section, "What it says for a time: a price or a factor."),
        new($"{Versions}.version", SettingType.Text, "Stamped on records as `override:ID@VERSION`. Absent: made of the figures.") { Form = "text of at most 32 characters" },
        new($"{Versions}.from", SettingType.Text, "From when on it holds. Absent: it always did.") { Form = TimeForm },
        new($"{Versions}.until", SettingType.Text, "Until when it holds, exclusive. Absent: for good.") { Form = TimeForm },
        new($"{Versions}.factorBasisPoints", SettingType.Integer, "What to pay of the price otherwise, in hundredths of a percent: 8500 is a discount of 15 %.") { Min = 1, Max = 1_000_000 },
        new($"{Versions}.price", SettingType.Section, "The price in US dollars."),
        .. Of($"{Versions}.price"),
    ];

    /// <summary>The figures of a price at <paramref name="path"/>.</summary>
    public static IReadOnlyList<Setting> Of(string path) =>
    [
        new($"{path}.free", SettingType.Flag, "True for a model that truly costs nothing; only then may all figures be 0 or absent.") { Default = "false" },
        Rate(path, "inputPerMillion", "Input tokens that were not in the provider's cache, per 1,000,000. Required unless `free`."),
        Rate(path, "outputPerMillion", "Output tokens, per 1,000,000. Required unless `free`."),
        Rate(path, "cacheReadPerMillion", "Input tokens read from the provider's cache, per 1,000,000. Absent: as input."),
        Rate(path, "cacheWritePerMillion", "Input tokens written to the provider's cache, per 1,000,000. Absent: as input."),
        Rate(path, "cacheWriteHourPerMillion", "Input tokens written to the provider's cache for an hour, per 1,000,000. Absent: as cacheWrite."),
        Rate(path, "reasoningPerMillion", "Reasoning tokens, per 1,000,000. Absent: as output."),
        Rate(path, "audioInputPerMillion", "Audio input tokens, per 1,000,000. Absent: as input."),
        Rate(path, "audioCacheReadPerMillion", "Audio input tokens read from the provider's cache, per 1,000,000. Absent: as cacheRead."),
        Rate(path, "audioOutputPerMillion", "Audio output tokens, per 1,000,000. Absent: as output."),
        Rate(path, "imageInputPerMillion", "Input tokens that stand for images, per 1,000,000. Absent: as input."),
        Rate(path, "imageCacheReadPerMillion", "The same, read from the provider's cache, per 1,000,000. Absent: as cacheRead."),
        Rate(path, "imageOutputPerMillion", "Output tokens that stand for images, per 1,000,000. Absent: as output."),
        Unit(path, "perRequest", "For each request."),
        Unit(path, "perImage", "For each image made."),
        new($"{path}.images", SettingType.List, "Prices of images by quality and size; of those that fit the smallest holds, and where none fits the dearest."),
        new($"{path}.images[]", SettingType.Section, "What an image of a quality and size costs."),
        new($"{path}.images[].quality", SettingType.Choice, "The quality asked for.") { Choices = ["any", "standard", "hd", "low", "medium", "high"], Default = "any" },
        new($"{path}.images[].maxPixels", SettingType.Integer, "Most pixels of such an image; 0: any size.") { Max = 1_000_000_000, Default = "0" },
        new($"{path}.images[].perImage", SettingType.Amount, "For each.") { Max = 1_000, Required = true },
        Unit(path, "perMillionPixels", "For each 1,000,000 pixels of the images made."),
        Unit(path, "perAudioSecond", "For each second of a recording that is transcribed."),
        Unit(path, "perCharacter", "For each character that is spoken."),
        Unit(path, "perSearch", "For each search of a reranking, a hundred documents."),
        Unit(path, "perWebSearch", "For each search of the web that the provider makes."),
        new($"{path}.perWebSearchLow", SettingType.Amount, "The same where little of what is found is read. Absent: as perWebSearch.") { Max = 1_000 },
        new($"{path}.perWebSearchHigh", SettingType.Amount, "The same where much of what is found is read. Absent: as perWebSearch.") { Max = 1_000 },
        new($"{path}.variants", SettingType.List, "Other prices for service tiers and for long prompts."),
        new($"{path}.variants[]", SettingType.Section, "What is different in a tier, for prompts above a size, or both."),
        new($"{path}.variants[].tier", SettingType.Choice, "The service tier it is for.") { Choices = ["standard", "batch", "priority", "flex"], Default = "standard" },
        new($"{path}.variants[].abovePromptTokens", SettingType.Integer, "It holds for prompts of more tokens than this, and then for all tokens of the request.") { Min = 0, Max = 1_000_000_000, Default = "0" },
        Rate($"{path}.variants[]", "inputPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "outputPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "cacheReadPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "cacheWritePerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "cacheWriteHourPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "reasoningPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "audioInputPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "audioCacheReadPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "audioOutputPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "imageInputPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "imageCacheReadPerMillion", "Absent: unchanged."),
        Rate($"{path}.variants[]", "imageOutputPerMillion", "Absent: unchanged."),
    ];

    private static Setting Rate(string path, string name, string meaning) => new($"{path}.{name}", SettingType.Amount, meaning) { Max = 1_000_000 };

    private static Setting Unit(string path, string name, string meaning) => new($"{path}.{name}", SettingType.Amount, meaning) { Max = 1_000, Default = "0" };
}
