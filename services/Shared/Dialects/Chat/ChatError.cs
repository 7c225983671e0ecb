using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Chat;

/// <summary>An error in no dialect: what a provider answered, or what the gateway has to say in the caller's dialect.</summary>
public sealed record ChatError
{
    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>What kind of error it is.</summary>
    public required ChatErrorKind Kind { get; init; }

    /// <summary>What is wrong, in words.</summary>
    public required string Message { get; init; }

    /// <summary>The provider's or gateway's own type, or null: then the dialect's word for <see cref="Kind"/>.</summary>
    public string? Type { get; init; }

    /// <summary>A stable code, or null.</summary>
    public string? Code { get; init; }

    /// <summary>The request member concerned, or null.</summary>
    public string? Param { get; init; }

    /// <summary>How long to wait before another try, where the body says so (Google puts it there instead of a header), or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True when the provider's type or code, not only its words, says that the account has no money or quota left.</summary>
    public bool NamesExhaustedAccount => Kind == ChatErrorKind.Quota && ErrorKinds.NamesQuota(Type, Code);

    /// <summary>Further members of the gateway's own errors (fault, step, attempts), as raw JSON values by name; null for a provider's error.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Details { get; init; }
}

/// <summary>Kinds of errors. They decide over retry, failover and fallback.</summary>
public enum ChatErrorKind
{
    /// <summary>The request is wrong.</summary>
    InvalidRequest = 1,

    /// <summary>The credential is missing or wrong.</summary>
    Authentication = 2,

    /// <summary>The credential may not do that.</summary>
    Permission = 3,

    /// <summary>The model or another thing named does not exist.</summary>
    NotFound = 4,

    /// <summary>The request is too large in bytes.</summary>
    TooLarge = 5,

    /// <summary>Too many requests or tokens for now.</summary>
    RateLimit = 6,

    /// <summary>The account has no money or quota left.</summary>
    Quota = 7,

    /// <summary>The provider is overloaded.</summary>
    Overloaded = 8,

    /// <summary>It took too long.</summary>
    Timeout = 9,

    /// <summary>A filter of the provider refused the request.</summary>
    ContentFilter = 10,

    /// <summary>The prompt does not fit the model's window.</summary>
    ContextLength = 11,

    /// <summary>Anything else that went wrong on the provider's side.</summary>
    Api = 12,
}
