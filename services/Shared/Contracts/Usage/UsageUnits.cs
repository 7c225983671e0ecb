namespace Gateway.Contracts.Usage;

/// <summary>What a request used that is not billed by tokens; a price says what each costs.</summary>
public readonly record struct UsageUnits
{
    /// <summary>Images made.</summary>
    public long Images { get; init; }

    /// <summary>Recordings listened to, in milliseconds.</summary>
    public long AudioMilliseconds { get; init; }

    /// <summary>Characters spoken.</summary>
    public long Characters { get; init; }

    /// <summary>Searches, as reranking providers count them.</summary>
    public long Searches { get; init; }

    /// <summary>Input tokens that stand for images; they are among the input tokens.</summary>
    public long ImageInputTokens { get; init; }
}
