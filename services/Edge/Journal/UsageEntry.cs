using Gateway.Contracts.Usage;

namespace Gateway.Edge.Journal;

/// <summary>
/// What a settled request hands to the journal: the fields of <see cref="UsageRecord"/> without its id, which the journal assigns.
/// A mutable struct of fields, filled on the stack and passed by reference, so that recording a request allocates nothing.
/// </summary>
internal struct UsageEntry
{
    /// <summary>When the request arrived, in microseconds since 1970-01-01 UTC.</summary>
    public long StartedAtMicros;

    /// <summary>From arrival to the last byte of the answer, in microseconds.</summary>
    public long DurationMicros;

    /// <summary>From arrival to the first byte of the answer, in microseconds.</summary>
    public long FirstByteMicros;

    /// <summary>Cost in nano-US-dollars.</summary>
    public long CostNanoUsd;

    /// <summary>Uncached text input tokens.</summary>
    public long InputTokens;

    /// <summary>Input tokens read from the provider's prompt cache.</summary>
    public long CacheReadTokens;

    /// <summary>Input tokens written to the provider's prompt cache.</summary>
    public long CacheWriteTokens;

    /// <summary>Output tokens without reasoning and audio.</summary>
    public long OutputTokens;

    /// <summary>Reasoning output tokens.</summary>
    public long ReasoningTokens;

    /// <summary>Audio input tokens.</summary>
    public long AudioInputTokens;

    /// <summary>Audio output tokens.</summary>
    public long AudioOutputTokens;

    /// <summary>HTTP status sent to the caller.</summary>
    public int Status;

    /// <summary>Calls made to providers.</summary>
    public int Attempts;

    /// <summary>What was asked for.</summary>
    public Operation Operation;

    /// <summary>How the request ended. Must be set: 0 is no outcome.</summary>
    public RequestOutcome Outcome;

    /// <summary>True when the answer was streamed.</summary>
    public bool Stream;

    /// <summary>True when the tokens are the gateway's estimate.</summary>
    public bool Estimated;

    /// <summary>True when the stream broke off and another deployment went on with it.</summary>
    public bool Continued;

    /// <summary>Virtual key; null or empty for none.</summary>
    public string? KeyId;

    /// <summary>Team of the key; null or empty for none.</summary>
    public string? TeamId;

    /// <summary>Public model name as the caller wrote it; stored up to 256 UTF-8 bytes, cut at a character.</summary>
    public string? Model;

    /// <summary>Deployment that answered, or the last one tried; null or empty for none.</summary>
    public string? DeploymentId;

    /// <summary>Provider of the deployment; null or empty for none.</summary>
    public string? ProviderId;

    /// <summary>Error code of the answer; null or empty for none.</summary>
    public string? ErrorCode;

    /// <summary>Version of the price applied; null or empty for an unpriced model.</summary>
    public string? PriceVersion;
}
