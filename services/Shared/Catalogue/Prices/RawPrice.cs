using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Catalogue;

/// <summary>One text model as gathered, in US dollars per 1,000,000 tokens.</summary>
internal sealed class RawPrice
{
    public string Provider { get; set; } = "";

    public string Model { get; set; } = "";

    public ModelMode Mode { get; set; }

    public bool IsText { get; set; }

    public decimal? Input { get; set; }

    public decimal? Output { get; set; }

    public decimal? CacheRead { get; set; }

    public decimal? CacheWrite { get; set; }

    public decimal? ReasoningOutput { get; set; }

    public decimal? AudioInput { get; set; }

    public decimal? AudioOutput { get; set; }

    public decimal? PerRequest { get; set; }

    public bool HasLongPromptPrice { get; set; }

    public int? MaxOutputTokens { get; set; }

    public int? ContextTokens { get; set; }

    public string? RetiredOn { get; set; }

    public void ReadMode(ref Utf8JsonReader reader)
    {
        Mode = reader.ValueTextEquals("chat"u8) ? ModelMode.Chat
            : reader.ValueTextEquals("completion"u8) ? ModelMode.Completion
            : reader.ValueTextEquals("embedding"u8) ? ModelMode.Embedding
            : reader.ValueTextEquals("responses"u8) ? ModelMode.Responses
            : ModelMode.Unknown;
        IsText = Mode != ModelMode.Unknown;
    }

    public PricedModel ToPricedModel(string version, bool priced) => new()
    {
        Provider = Provider,
        Model = Model,
        Mode = Mode,
        Price = priced ? ToPrice(version) : null,
        HasLongPromptPrice = HasLongPromptPrice,
        MaxOutputTokens = MaxOutputTokens,
        ContextTokens = ContextTokens,
        RetiredOn = RetiredOn,
    };

    // A class at 0 beside priced ones is a gap in the figures more often than a gift: it is billed as its main class.
    private PriceEntry ToPrice(string version) => new()
    {
        Version = version,
        InputPerMillion = NanoUsd.FromUsd(Input ?? 0),
        OutputPerMillion = NanoUsd.FromUsd(Output ?? 0),
        CacheReadPerMillion = NonZero(CacheRead),
        CacheWritePerMillion = NonZero(CacheWrite),
        ReasoningPerMillion = NonZero(ReasoningOutput),
        AudioInputPerMillion = NonZero(AudioInput),
        AudioOutputPerMillion = NonZero(AudioOutput),
        PerRequest = NanoUsd.FromUsd(PerRequest ?? 0),
    };

    private static long? NonZero(decimal? usd) => usd is > 0 ? NanoUsd.FromUsd(usd.Value) : null;
}
