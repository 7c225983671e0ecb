namespace Gateway.Dialects;

/// <summary>Tokens by disjoint class, as a provider reported them: each token is counted in exactly one class.</summary>
public struct TokenCounts : IEquatable<TokenCounts>
{
    /// <summary>Uncached text input.</summary>
    public long Input { get; set; }

    /// <summary>Text input read from the provider's prompt cache.</summary>
    public long CacheRead { get; set; }

    /// <summary>Input written to the provider's prompt cache for the usual time, five minutes where there is a choice.</summary>
    public long CacheWrite { get; set; }

    /// <summary>Input written to the provider's prompt cache for an hour.</summary>
    public long CacheWriteHour { get; set; }

    /// <summary>Output without reasoning, audio and images.</summary>
    public long Output { get; set; }

    /// <summary>Reasoning output.</summary>
    public long Reasoning { get; set; }

    /// <summary>Uncached audio input.</summary>
    public long AudioInput { get; set; }

    /// <summary>Audio input read from the provider's prompt cache.</summary>
    public long AudioCacheRead { get; set; }

    /// <summary>Audio output.</summary>
    public long AudioOutput { get; set; }

    /// <summary>Uncached input that stands for images.</summary>
    public long ImageInput { get; set; }

    /// <summary>Input that stands for images and was read from the provider's prompt cache.</summary>
    public long ImageCacheRead { get; set; }

    /// <summary>Output that stands for images.</summary>
    public long ImageOutput { get; set; }

    /// <summary>Searches of the web made for the answer: no tokens, but reported beside them and billed with them. Not part of <see cref="Total"/> nor of equality.</summary>
    public long WebSearches { get; set; }

    /// <summary>How the provider says it served the request. Not part of equality.</summary>
    public ReportedTier Tier { get; set; }

    /// <summary>The whole prompt: all classes of input together.</summary>
    public readonly long Prompt => Input + CacheRead + CacheWrite + CacheWriteHour + AudioInput + AudioCacheRead + ImageInput + ImageCacheRead;

    /// <summary>The whole answer: all classes of output together.</summary>
    public readonly long Generated => Output + Reasoning + AudioOutput + ImageOutput;

    /// <summary>All tokens together.</summary>
    public readonly long Total => Prompt + Generated;

    /// <summary>Both together.</summary>
    public readonly TokenCounts Add(in TokenCounts other) => new()
    {
        Input = Input + other.Input,
        CacheRead = CacheRead + other.CacheRead,
        CacheWrite = CacheWrite + other.CacheWrite,
        CacheWriteHour = CacheWriteHour + other.CacheWriteHour,
        Output = Output + other.Output,
        Reasoning = Reasoning + other.Reasoning,
        AudioInput = AudioInput + other.AudioInput,
        AudioCacheRead = AudioCacheRead + other.AudioCacheRead,
        AudioOutput = AudioOutput + other.AudioOutput,
        ImageInput = ImageInput + other.ImageInput,
        ImageCacheRead = ImageCacheRead + other.ImageCacheRead,
        ImageOutput = ImageOutput + other.ImageOutput,
        WebSearches = WebSearches + other.WebSearches,
        Tier = other.Tier == ReportedTier.Unknown ? Tier : other.Tier,
    };

    /// <summary>The larger count of each class: reports of a stream are cumulative, and each may leave out what another one says.</summary>
    public readonly TokenCounts Larger(in TokenCounts other) => new()
    {
        Input = Math.Max(Input, other.Input),
        CacheRead = Math.Max(CacheRead, other.CacheRead),
        CacheWrite = Math.Max(CacheWrite, other.CacheWrite),
        CacheWriteHour = Math.Max(CacheWriteHour, other.CacheWriteHour),
        Output = Math.Max(Output, other.Output),
        Reasoning = Math.Max(Reasoning, other.Reasoning),
        AudioInput = Math.Max(AudioInput, other.AudioInput),
        AudioCacheRead = Math.Max(AudioCacheRead, other.AudioCacheRead),
        AudioOutput = Math.Max(AudioOutput, other.AudioOutput),
        ImageInput = Math.Max(ImageInput, other.ImageInput),
        ImageCacheRead = Math.Max(ImageCacheRead, other.ImageCacheRead),
        ImageOutput = Math.Max(ImageOutput, other.ImageOutput),
        WebSearches = Math.Max(WebSearches, other.WebSearches),
        Tier = other.Tier == ReportedTier.Unknown ? Tier : other.Tier,
    };

    /// <summary>True when both count the same tokens.</summary>
    public readonly bool Equals(TokenCounts other) =>
        Input == other.Input && CacheRead == other.CacheRead && CacheWrite == other.CacheWrite && CacheWriteHour == other.CacheWriteHour
        && Output == other.Output && Reasoning == other.Reasoning
        && AudioInput == other.AudioInput && AudioCacheRead == other.AudioCacheRead && AudioOutput == other.AudioOutput
        && ImageInput == other.ImageInput && ImageCacheRead == other.ImageCacheRead && ImageOutput == other.ImageOutput;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is TokenCounts other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Input, CacheRead, CacheWrite + CacheWriteHour, Output, Reasoning, AudioInput + AudioCacheRead, AudioOutput, ImageInput + ImageOutput);

    /// <summary>True when both count the same.</summary>
    public static bool operator ==(TokenCounts left, TokenCounts right) => left.Equals(right);

    /// <summary>True when they differ.</summary>
    public static bool operator !=(TokenCounts left, TokenCounts right) => !left.Equals(right);
}

/// <summary>How a provider says it served a request.</summary>
public enum ReportedTier
{
    /// <summary>Not said.</summary>
    Unknown = 0,

    /// <summary>As usual.</summary>
    Standard = 1,

    /// <summary>In a batch.</summary>
    Batch = 2,

    /// <summary>Sooner, for more money.</summary>
    Priority = 3,

    /// <summary>Later, for less money.</summary>
    Flex = 4,
}
