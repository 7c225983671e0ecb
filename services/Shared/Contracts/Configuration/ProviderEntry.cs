using System.Collections.ObjectModel;

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

    /// <summary>Id of the built-in table whose peculiarities hold, or null for the provider's own id.</summary>
    public string? Like { get; init; }

    /// <summary>Cloud region: of AWS (<c>eu-central-1</c>), of Vertex AI (<c>europe-west4</c>, <c>global</c>); null where there is none or the environment names it.</summary>
    public string? Region { get; init; }

    /// <summary>Cloud project: of Vertex AI, or the watsonx.ai project; null where there is none or the credential names it.</summary>
    public string? Project { get; init; }

    /// <summary>The watsonx.ai deployment space, instead of a project.</summary>
    public string? Space { get; init; }

    /// <summary>Version in the address: Azure OpenAI's <c>api-version</c> (null: the v1 paths, which need none), watsonx.ai's <c>version</c>.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Where tokens are exchanged, instead of the public address of Google, Microsoft Entra, IBM IAM or AWS STS; null for that.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>True when the provider serves OpenAI's responses itself; otherwise they are translated to chat. Default false.</summary>
    public bool NativeResponses { get; set; }

    /// <summary>True to bring answers into the form that official clients accept, where the provider is only nearly compatible. Default true.</summary>
    public bool Normalize { get; set; } = true;

    /// <summary>Request members that the provider knows under another name: from the dialect's name to the provider's.</summary>
    public IReadOnlyDictionary<string, string> RenamedParameters { get; set; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Request members that the provider refuses: they are left out.</summary>
    public IReadOnlyList<string> DroppedParameters { get; set; } = [];

    /// <summary>Path of the usage object in answers, where it is not <c>usage</c>, for example <c>x_groq.usage</c>; null for <c>usage</c>.</summary>
    public string? UsagePath { get; init; }
}

/// <summary>How a provider is spoken to. Numbers are persisted: append only.</summary>
public enum ProviderKind
{
    /// <summary>OpenAI, or any provider that speaks its HTTP dialect.</summary>
    OpenAI = 1,

    /// <summary>The local demo model, which needs no account and says so in its answers.</summary>
    Demo = 2,

    /// <summary>Azure OpenAI: OpenAI's dialect at addresses of a deployment, or under <c>/openai/v1</c>.</summary>
    AzureOpenAI = 3,

    /// <summary>Anthropic's messages.</summary>
    Anthropic = 4,

    /// <summary>The Gemini API.</summary>
    Gemini = 5,

    /// <summary>Google Cloud's Vertex AI, with its partners' models.</summary>
    VertexAI = 6,

    /// <summary>Amazon Bedrock.</summary>
    Bedrock = 7,

    /// <summary>Cohere, version 2.</summary>
    Cohere = 8,

    /// <summary>IBM watsonx.ai.</summary>
    WatsonX = 9,

    /// <summary>ElevenLabs: speech and transcription.</summary>
    ElevenLabs = 10,

    /// <summary>Deepgram: speech and transcription.</summary>
    Deepgram = 11,
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

    /// <summary>What requests get while the model has no price and a budget stands above them; null: as <see cref="GatewaySettings.Unpriced"/> says.</summary>
    public UnpricedPolicy? Unpriced { get; init; }
}
