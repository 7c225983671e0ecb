namespace Gateway.Contracts.Usage;

/// <summary>What a request used that is not billed by tokens; a price says what each costs.</summary>
public readonly record struct UsageUnits
{
    /// <summary>Images made.</summary>
    public long Images { get; init; }

    /// <summary>Pixels of all images made; 0 where their size is not known.</summary>
    public long Pixels { get; init; }

    /// <summary>Quality of the images made.</summary>
    public ImageQuality ImageQuality { get; init; }

    /// <summary>Recordings listened to, in milliseconds.</summary>
    public long AudioMilliseconds { get; init; }

    /// <summary>Characters spoken.</summary>
    public long Characters { get; init; }

    /// <summary>Searches, as reranking providers count them.</summary>
    public long Searches { get; init; }

    /// <summary>Searches of the web that the provider made for the answer.</summary>
    public long WebSearches { get; init; }

    /// <summary>How much of what <see cref="WebSearches"/> find is read, as the request asks.</summary>
    public WebSearchSize WebSearchSize { get; init; }
}

/// <summary>Quality of images, as requests name it. Numbers are persisted: append only.</summary>
public enum ImageQuality
{
    /// <summary>Not said, or left to the provider.</summary>
    Unknown = 0,

    /// <summary>As usual, where there are two.</summary>
    Standard = 1,

    /// <summary>Better, where there are two.</summary>
    Hd = 2,

    /// <summary>The lowest of three.</summary>
    Low = 3,

    /// <summary>The middle of three.</summary>
    Medium = 4,

    /// <summary>The highest of three.</summary>
    High = 5,
}

/// <summary>How much of what a web search finds is read. Numbers are persisted: append only.</summary>
public enum WebSearchSize
{
    /// <summary>Not said: providers take <see cref="Medium"/>.</summary>
    Unknown = 0,

    /// <summary>Little.</summary>
    Low = 1,

    /// <summary>As usual.</summary>
    Medium = 2,

    /// <summary>Much.</summary>
    High = 3,
}
