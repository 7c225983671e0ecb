using System.Text.Json;
using Gateway.Contracts.Usage;

namespace Gateway.Catalogue;

/// <summary>One model as gathered, in nano-US-dollars per 1,000,000 tokens or for each unit; below zero: not said.</summary>
internal sealed class RawPrice
{
    public string Provider { get; set; } = "";

    public string Model { get; set; } = "";

    public ModelMode Mode { get; set; }

    public ClassRates Rates = ClassRates.None;

    /// <summary>What is different in tiers and for long prompts, or null.</summary>
    public List<RawVariant>? Variants { get; set; }

    public long PerRequest { get; set; } = -1;

    public long PerImageOut { get; set; } = -1;

    public long PerImageIn { get; set; } = -1;

    public decimal? PerPixelIn { get; set; }

    public decimal? PerPixelOut { get; set; }

    public long PerSecondIn { get; set; } = -1;

    public long PerSecondOut { get; set; } = -1;

    public decimal? PerCharacterIn { get; set; }

    public long PerQuery { get; set; } = -1;

    public long SearchLow { get; set; } = -1;

    public long SearchMedium { get; set; } = -1;

    public long SearchHigh { get; set; } = -1;

    public string? Source { get; set; }

    public int? MaxOutputTokens { get; set; }

    public int? ContextTokens { get; set; }

    public string? RetiredOn { get; set; }

    public long Input => Rates.Of(TokenClass.Input);

    public long Output => Rates.Of(TokenClass.Output);

    /// <summary>True when any of its figures is one that a request could be billed by.</summary>
    public bool HasPrice => Mode switch
    {
        ModelMode.Image => Rates.Of(TokenClass.ImageOutput) >= 0 || Input >= 0 || Output >= 0 || PerImage >= 0 || PerMillionPixels >= 0,
        ModelMode.Transcription => Input >= 0 || Output >= 0 || PerSecond >= 0,
        ModelMode.Speech => Input >= 0 || Output >= 0 || PerCharacter >= 0,
        ModelMode.Rerank => Input >= 0 || PerQuery >= 0,
        ModelMode.Other => false,
        _ => Input >= 0 || Output >= 0,
    };

    // Some sources give the price of an image made under the name of one sent.
    public long PerImage => PerImageOut >= 0 ? PerImageOut : PerImageIn;

    public long PerMillionPixels => (PerPixelIn is > 0 ? PerPixelIn : PerPixelOut) is { } usd ? NanoUsd.FromUsd(usd * 1_000_000) : -1;

    // Of a recording the provider may name the seconds sent, the seconds understood, or both.
    public long PerSecond => PerSecondIn > 0 ? PerSecondIn : Math.Max(PerSecondIn, PerSecondOut);

    public long PerCharacter => PerCharacterIn is { } usd ? NanoUsd.FromUsd(usd) : -1;

    public void ReadMode(ref Utf8JsonReader reader) =>
        Mode = reader.ValueTextEquals("chat"u8) ? ModelMode.Chat
            : reader.ValueTextEquals("completion"u8) ? ModelMode.Completion
            : reader.ValueTextEquals("embedding"u8) ? ModelMode.Embedding
            : reader.ValueTextEquals("responses"u8) ? ModelMode.Responses
            : reader.ValueTextEquals("image_generation"u8) || reader.ValueTextEquals("image_edit"u8) ? ModelMode.Image
            : reader.ValueTextEquals("audio_transcription"u8) ? ModelMode.Transcription
            : reader.ValueTextEquals("audio_speech"u8) ? ModelMode.Speech
            : reader.ValueTextEquals("rerank"u8) ? ModelMode.Rerank
            : reader.ValueTextEquals("realtime"u8) ? ModelMode.Realtime
            : reader.ValueTextEquals("moderation"u8) ? ModelMode.Moderation
            : ModelMode.Other;
}

/// <summary>What is different in a tier, for long prompts, or both.</summary>
internal sealed class RawVariant
{
    public ServiceTier? Tier { get; set; }

    public long Above { get; set; }

    public ClassRates Rates = ClassRates.None;
}
