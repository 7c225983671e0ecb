namespace Gateway.Dialects;

/// <summary>Tokens by disjoint class, as a provider reported them: each token is counted in exactly one class.</summary>
public struct TokenCounts : IEquatable<TokenCounts>
{
    /// <summary>Uncached text input.</summary>
    public long Input { get; set; }

    /// <summary>Input read from the provider's prompt cache.</summary>
    public long CacheRead { get; set; }

    /// <summary>Input written to the provider's prompt cache.</summary>
    public long CacheWrite { get; set; }

    /// <summary>Output without reasoning and audio.</summary>
    public long Output { get; set; }

    /// <summary>Reasoning output.</summary>
    public long Reasoning { get; set; }

    /// <summary>Audio input.</summary>
    public long AudioInput { get; set; }

    /// <summary>Audio output.</summary>
    public long AudioOutput { get; set; }

    /// <summary>All tokens together.</summary>
    public readonly long Total => Input + CacheRead + CacheWrite + AudioInput + Output + Reasoning + AudioOutput;

    /// <summary>Both together.</summary>
    public readonly TokenCounts Add(in TokenCounts other) => new()
    {
        Input = Input + other.Input,
        CacheRead = CacheRead + other.CacheRead,
        CacheWrite = CacheWrite + other.CacheWrite,
        Output = Output + other.Output,
        Reasoning = Reasoning + other.Reasoning,
        AudioInput = AudioInput + other.AudioInput,
        AudioOutput = AudioOutput + other.AudioOutput,
    };

    /// <summary>True when both count the same.</summary>
    public readonly bool Equals(TokenCounts other) =>
        Input == other.Input && CacheRead == other.CacheRead && CacheWrite == other.CacheWrite && Output == other.Output
        && Reasoning == other.Reasoning && AudioInput == other.AudioInput && AudioOutput == other.AudioOutput;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is TokenCounts other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Input, CacheRead, CacheWrite, Output, Reasoning, AudioInput, AudioOutput);

    /// <summary>True when both count the same.</summary>
    public static bool operator ==(TokenCounts left, TokenCounts right) => left.Equals(right);

    /// <summary>True when they differ.</summary>
    public static bool operator !=(TokenCounts left, TokenCounts right) => !left.Equals(right);
}
