using Gateway.Contracts.Usage;
using Gateway.Dialects;

namespace Gateway.Edge.Journal;

/// <summary>
/// What a settled request hands to the journal: the fields of <see cref="UsageRecord"/>; its id is as a rule assigned by the journal.
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

    /// <summary>Input tokens written to the provider's prompt cache for an hour.</summary>
    public long CacheWriteHourTokens;

    /// <summary>Input tokens that stand for images.</summary>
    public long ImageInputTokens;

    /// <summary>Input tokens that stand for images and were read from the provider's prompt cache.</summary>
    public long ImageCacheReadTokens;

    /// <summary>Output tokens that stand for images.</summary>
    public long ImageOutputTokens;

    /// <summary>Audio input tokens read from the provider's prompt cache.</summary>
    public long AudioCacheReadTokens;

    /// <summary>What was used that is not billed by tokens.</summary>
    public UsageUnits Units;

    /// <summary>The run of the edge: its start in microseconds since 1970-01-01 UTC.</summary>
    public long Epoch;

    /// <summary>Trace that the request belongs to; 0 for none.</summary>
    public UInt128 TraceId;

    /// <summary>HTTP status sent to the caller.</summary>
    public int Status;

    /// <summary>Calls made to providers.</summary>
    public int Attempts;

    /// <summary>What was asked for.</summary>
    public Operation Operation;

    /// <summary>How the request ended. Must be set: 0 is no outcome.</summary>
    public RequestOutcome Outcome;

    /// <summary>How the provider served it; 0 is taken for <see cref="ServiceTier.Standard"/>.</summary>
    public ServiceTier Tier;

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

    /// <summary>User of the key; null or empty for none.</summary>
    public string? UserId;

    /// <summary>Customer of the key; null or empty for none.</summary>
    public string? CustomerId;

    /// <summary>End user as the request names it; stored up to 256 UTF-8 bytes, cut at a character.</summary>
    public string? EndUser;

    /// <summary>Tags of the key and of the request, one space between two; null or empty for none.</summary>
    public string? Tags;

    /// <summary>What the cost is charged to, each <c>budget#window</c>, one space between two; null or empty for none.</summary>
    public string? Budgets;

    /// <summary>Model route that was taken; null or empty for none.</summary>
    public string? Route;

    /// <summary>Credential of the deployment; null or empty for none.</summary>
    public string? CredentialId;

    /// <summary>Session that the caller named; stored up to 128 UTF-8 bytes, cut at a character.</summary>
    public string? SessionId;

    /// <summary>Where the answer came from, when no provider was called for it.</summary>
    public CacheUse Cache;

    /// <summary>What the answer had cost when it was made, in nano-US-dollars, less what this request pays.</summary>
    public long SavedNanoUsd;

    /// <summary>Tokens that the answer had used when it was made.</summary>
    public long SavedTokens;

    /// <summary>The record's id where it must be the same whoever records it, so that the ledger takes it once; 0 for one that the journal assigns.</summary>
    public UInt128 GivenId;

    /// <summary>Takes over the tokens of an answer, each kind by itself.</summary>
    public void Take(in TokenCounts tokens)
    {
        InputTokens = tokens.Input;
        CacheReadTokens = tokens.CacheRead;
        CacheWriteTokens = tokens.CacheWrite;
        CacheWriteHourTokens = tokens.CacheWriteHour;
        OutputTokens = tokens.Output;
        ReasoningTokens = tokens.Reasoning;
        AudioInputTokens = tokens.AudioInput;
        AudioCacheReadTokens = tokens.AudioCacheRead;
        AudioOutputTokens = tokens.AudioOutput;
        ImageInputTokens = tokens.ImageInput;
        ImageCacheReadTokens = tokens.ImageCacheRead;
        ImageOutputTokens = tokens.ImageOutput;
    }
}
