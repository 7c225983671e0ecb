namespace Gateway.Contracts.Configuration;

/// <summary>One provider: where it is and how it is spoken to.</summary>
public sealed record ProviderEntry
{
    /// <summary>Unique id, for example <c>openai</c>: lower-case letters, digits, <c>-</c>, <c>_</c>, <c>.</c>.</summary>
    public required string Id { get; init; }

    /// <summary>How the provider is spoken to.</summary>
    public ProviderKind Kind { get; set; } = ProviderKind.OpenAI;

    /// <summary>
    /// Address the operation path is appended to, version segment included, for example <c>https://api.openai.com/v1</c>.
    /// Not used by <see cref="ProviderKind.Demo"/>.
    /// </summary>
    public string BaseUrl { get; set; } = "";

    /// <summary>Header that carries the credential. Default <c>Authorization</c>, whose value is then <c>Bearer SECRET</c>; any other header carries the bare secret.</summary>
    public string AuthHeader { get; set; } = "Authorization";

    /// <summary>Fixed headers added to every call.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>();

    /// <summary>True when the provider understands <c>stream_options.include_usage</c>. Default true.</summary>
    public bool StreamUsageOption { get; set; } = true;

    /// <summary>True when link-local and cloud metadata addresses may be called. Default false; loopback and private networks are always allowed.</summary>
    public bool AllowLinkLocal { get; init; }

    /// <summary>Limits on how long each phase of a call may take.</summary>
    public TimeoutEntry Timeouts { get; set; } = new();
}

/// <summary>How a provider is spoken to. Numbers are persisted: append only.</summary>
public enum ProviderKind
{
    /// <summary>OpenAI, or any provider that speaks its HTTP dialect.</summary>
    OpenAI = 1,

    /// <summary>The local demo model, which needs no account and says so in its answers.</summary>
    Demo = 2,
}

/// <summary>Limits on how long each phase of an upstream call may take, in milliseconds.</summary>
public sealed record TimeoutEntry
{
    /// <summary>To connect, TLS included. Default 5,000; 1 to 600,000.</summary>
    public int ConnectMs { get; set; } = 5_000;

    /// <summary>From the request's end to the response's headers. Default 120,000; 1 to 3,600,000.</summary>
    public int FirstByteMs { get; set; } = 120_000;

    /// <summary>Longest silence between two reads of the response. Default 60,000; 1 to 3,600,000.</summary>
    public int IdleMs { get; set; } = 60_000;

    /// <summary>The whole call. Default 1,800,000; 1 to 86,400,000.</summary>
    public int TotalMs { get; set; } = 1_800_000;
}

/// <summary>A provider secret. Only ever sent over the internal channel and kept encrypted on disk.</summary>
public sealed record CredentialEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>The provider it belongs to.</summary>
    public required string ProviderId { get; init; }

    /// <summary>The secret itself.</summary>
    public required string Secret { get; init; }

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"Credential {Id} of {ProviderId}";
}

/// <summary>A deployment: provider + model + credential.</summary>
public sealed record DeploymentEntry
{
    /// <summary>Unique id, for example <c>openai/gpt-4o-mini</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The provider that serves it.</summary>
    public required string ProviderId { get; init; }

    /// <summary>The credential used, or null for a provider that needs none.</summary>
    public string? CredentialId { get; init; }

    /// <summary>Model name sent to the provider; <c>*</c> stands for what the route's own <c>*</c> matched.</summary>
    public required string Model { get; init; }

    /// <summary>Price, or null: then the built-in price table is asked, and what it does not know is unpriced.</summary>
    public PriceEntry? Price { get; init; }

    /// <summary>Most output tokens the model can produce, or null when unknown.</summary>
    public int? MaxOutputTokens { get; init; }
}

/// <summary>
/// Price of a model in nano-US-dollars per 1,000,000 tokens of a class (1 USD per million tokens = 1,000,000,000). Classes are disjoint:
/// a token is billed in exactly one of them.
/// </summary>
public sealed record PriceEntry
{
    /// <summary>Version of the figures, stamped on every usage record, for example <c>2026-11-21</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Uncached input tokens.</summary>
    public required long InputPerMillion { get; init; }

    /// <summary>Output tokens, reasoning included unless <see cref="ReasoningPerMillion"/> is set.</summary>
    public required long OutputPerMillion { get; init; }

    /// <summary>Input tokens read from the provider's prompt cache; null: as <see cref="InputPerMillion"/>.</summary>
    public long? CacheReadPerMillion { get; init; }

    /// <summary>Input tokens written to the provider's prompt cache; null: as <see cref="InputPerMillion"/>.</summary>
    public long? CacheWritePerMillion { get; init; }

    /// <summary>Reasoning tokens, where billed apart from the output; null: as <see cref="OutputPerMillion"/>.</summary>
    public long? ReasoningPerMillion { get; init; }

    /// <summary>Audio input tokens; null: as <see cref="InputPerMillion"/>.</summary>
    public long? AudioInputPerMillion { get; init; }

    /// <summary>Audio output tokens; null: as <see cref="OutputPerMillion"/>.</summary>
    public long? AudioOutputPerMillion { get; init; }

    /// <summary>Nano-US-dollars for each request. Default 0.</summary>
    public long PerRequest { get; init; }
}
