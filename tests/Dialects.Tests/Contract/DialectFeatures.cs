namespace Gateway.Dialects.Tests.Contract;

/// <summary>What a dialect can say beyond text, tools, temperature, top-p and a cap on tokens. The contract tests use nothing that is not listed.</summary>
[Flags]
public enum DialectFeatures : long
{
    None = 0,
    TopK = 1L << 0,
    Seed = 1L << 2,
    Penalties = 1L << 3,
    Stop = 1L << 4,
    EndUser = 1L << 5,
    Metadata = 1L << 6,
    ParallelToolCalls = 1L << 7,
    AllowedTools = 1L << 8,
    JsonObject = 1L << 9,
    JsonSchema = 1L << 10,
    ReasoningEffort = 1L << 11,
    ReasoningBudget = 1L << 12,
    Verbosity = 1L << 13,
    Images = 1L << 14,
    ImageUrls = 1L << 15,
    Documents = 1L << 16,
    AudioInput = 1L << 17,
    ToolResultImages = 1L << 18,
    ToolErrors = 1L << 19,
    CustomTools = 1L << 20,
    CacheMarkers = 1L << 21,

    /// <summary>Reasoning text in answers.</summary>
    Reasoning = 1L << 22,

    /// <summary>Signatures of reasoning in answers, and in assistant messages of requests.</summary>
    ReasoningSignatures = 1L << 23,

    /// <summary>Encrypted reasoning, likewise.</summary>
    EncryptedReasoning = 1L << 24,
    Refusals = 1L << 25,

    /// <summary>Several texts in one answer, with tool calls between them.</summary>
    MixedParts = 1L << 26,

    /// <summary>Several choices in one answer.</summary>
    Choices = 1L << 27,
    WebCitations = 1L << 28,
    AudioOutput = 1L << 29,
    ImageOutput = 1L << 30,
    CacheRead = 1L << 31,
    CacheWrite = 1L << 32,
    ReasoningTokens = 1L << 33,
    AudioTokens = 1L << 34,

    /// <summary>Tool calls have ids of their own.</summary>
    CallIds = 1L << 35,
    StrictTools = 1L << 36,
    LogProbabilities = 1L << 37,

    /// <summary>The finish reason tells a stop sequence, and which.</summary>
    StopSequenceReported = 1L << 38,

    /// <summary>Reasoning may be a summary.</summary>
    ReasoningSummaries = 1L << 39,

    /// <summary>A developer's message differs from a system message.</summary>
    Developer = 1L << 40,

    /// <summary>Several choices may be asked for.</summary>
    ChoiceCount = 1L << 41,

    /// <summary>The finish reason tells a filter.</summary>
    ContentFilter = 1L << 42,

    /// <summary>Tools that are defined cannot be forbidden.</summary>
    AlwaysTools = 1L << 43,
}
