namespace Gateway.Dialects.OpenAI.Compatible;

/// <summary>How a compatible provider takes the wish for reasoning.</summary>
internal enum ReasoningForm
{
    /// <summary><c>reasoning_effort</c>, as OpenAI.</summary>
    Effort,

    /// <summary>OpenRouter's <c>reasoning</c> object.</summary>
    Object,

    /// <summary>The <c>thinking</c> object with <c>type: enabled | disabled</c>.</summary>
    Thinking,

    /// <summary>Alibaba's <c>enable_thinking</c> and <c>thinking_budget</c>.</summary>
    EnableThinking,

    /// <summary>Not at all: the model decides.</summary>
    None,
}

/// <summary>
/// What a compatible provider wants otherwise than OpenAI in a request. Whatever a provider merely does not know is left to its catalogue entry
/// (renamed and dropped parameters); here is what needs another form.
/// </summary>
internal sealed record ProviderQuirks
{
    /// <summary>OpenAI itself, and Azure's copy of it.</summary>
    private static readonly ProviderQuirks _openAI = new()
    {
        MaxTokensMember = "max_completion_tokens", DeveloperRole = true, Files = true, TopK = false, Video = false, ReasoningModels = true, AllowedTools = true, Metadata = true,
        ServiceTier = true, DetailsBack = false,
    };

    private static readonly ProviderQuirks _other = new();

    /// <summary>Servers that people run themselves, and who host such: they know nearly every parameter, and keep the thread of their models' reasoning.</summary>
    private static readonly ProviderQuirks _server = new() { ReasoningBack = true };

    private static readonly ProviderQuirks _mistral = new()
    {
        SeedMember = "random_seed", NineLetterIds = true, RequiredWord = "any", Reasoning = ReasoningForm.None, TopK = false, Video = false, EndUser = false, Metadata = true,
        DocumentUrls = true, DetailsBack = false,
    };

    private static readonly ProviderQuirks _thinking = new() { ReasoningBack = true, Reasoning = ReasoningForm.Thinking, TopK = false };

    private static readonly ProviderQuirks _router = new() { Reasoning = ReasoningForm.Object, CacheControl = true, Files = true };

    private static readonly ProviderQuirks _alibaba = new() { Reasoning = ReasoningForm.EnableThinking };

    /// <summary>By the ids of the catalogue, and the names people give providers of their own.</summary>
    private static readonly Dictionary<string, ProviderQuirks> _known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["openai"] = _openAI,
        ["azure"] = _openAI,
        ["mistral"] = _mistral,
        ["codestral"] = _mistral,
        ["groq"] = new() { MaxTokensMember = "max_completion_tokens", TopK = false, Video = false, ServiceTier = true, DetailsBack = false },
        ["xai"] = new() { TopK = false, Video = false, ReasoningBack = true },
        ["deepseek"] = new()
        {
            PlainContent = true, ReasoningBack = true, Reasoning = ReasoningForm.Thinking, TopK = false, Video = false, JsonSchema = false, EndUser = false,
            DetailsBack = false,
        },
        ["openrouter"] = _router with { FileUrls = true },
        ["vercel"] = _router,
        ["vercel_ai_gateway"] = _router,
        ["litellm_proxy"] = new() { CacheControl = true, Files = true },
        ["perplexity"] = new() { PlainContent = true, Video = false, DetailsBack = false },
        ["cerebras"] = new() { MaxTokensMember = "max_completion_tokens", PlainContent = true, TopK = false, Video = false, DetailsBack = false },
        ["sambanova"] = new() { Video = false },
        ["zai"] = _thinking,
        ["zai_coding"] = _thinking,
        ["zhipu"] = _thinking,
        ["moonshot"] = _thinking,
        ["xiaomi_mimo"] = _thinking,
        ["volcengine"] = _thinking,
        ["dashscope"] = _alibaba,
        ["alibaba"] = _alibaba,
        ["gemini"] = new() { TopK = false, Video = false },
        ["cloudflare"] = new() { PlainContent = true, Video = false },
        ["github"] = new() { TopK = false, Video = false },
        ["together_ai"] = _server,
        ["fireworks_ai"] = _server,
        ["deepinfra"] = _server,
        ["novita"] = _server,
        ["siliconflow"] = _alibaba with { ReasoningBack = true },
        ["avian"] = _server,
        ["ollama"] = _server with { Video = false },
        ["hosted_vllm"] = _server,
        ["vllm"] = _server,
        ["sglang"] = _server,
        ["llama_cpp"] = _server,
        ["llama.cpp"] = _server,
        ["llamafile"] = _server,
        ["lm_studio"] = _server,
    };

    /// <summary>The member for the cap on output. Reasoning models of OpenAI know the newer name only, most others the older one only.</summary>
    public string MaxTokensMember { get; init; } = "max_tokens";

    /// <summary>The member for the seed.</summary>
    public string SeedMember { get; init; } = "seed";

    /// <summary>The tool choice that demands a call.</summary>
    public string RequiredWord { get; init; } = "required";

    /// <summary>True when ids of tool calls must be nine letters and digits.</summary>
    public bool NineLetterIds { get; init; }

    /// <summary>True when the role <c>developer</c> is known; else it is written as <c>system</c>.</summary>
    public bool DeveloperRole { get; init; }

    /// <summary>True when a content of texts only must be one string.</summary>
    public bool PlainContent { get; init; }

    /// <summary>True when <c>reasoning_content</c> is to be sent back in assistant messages.</summary>
    public bool ReasoningBack { get; init; }

    /// <summary>True when <c>reasoning_details</c> may be sent back in assistant messages: some refuse a member they do not know.</summary>
    public bool DetailsBack { get; init; } = true;

    /// <summary>True when <c>service_tier</c> is known.</summary>
    public bool ServiceTier { get; init; }

    /// <summary>How reasoning is asked for.</summary>
    public ReasoningForm Reasoning { get; init; }

    /// <summary>True when <c>cache_control</c> of content parts is handed on to models that need it.</summary>
    public bool CacheControl { get; init; }

    /// <summary>True when file parts are known.</summary>
    public bool Files { get; init; }

    /// <summary>True when a file may be given by its address.</summary>
    public bool FileUrls { get; init; }

    /// <summary>True when documents are <c>document_url</c> parts instead.</summary>
    public bool DocumentUrls { get; init; }

    /// <summary>True when <c>top_k</c> and <c>min_p</c> are known.</summary>
    public bool TopK { get; init; } = true;

    /// <summary>True when <c>video_url</c> parts are known.</summary>
    public bool Video { get; init; } = true;

    /// <summary>True when the response format may be a schema.</summary>
    public bool JsonSchema { get; init; } = true;

    /// <summary>True when <c>user</c> is known.</summary>
    public bool EndUser { get; init; } = true;

    /// <summary>True when <c>metadata</c> is known.</summary>
    public bool Metadata { get; init; }

    /// <summary>True when the choice of tools may be limited to some of them.</summary>
    public bool AllowedTools { get; init; }

    /// <summary>True when models that reason refuse sampling parameters.</summary>
    public bool ReasoningModels { get; init; }

    /// <summary>True when the provider is OpenAI's own service.</summary>
    public bool IsOpenAI => ReferenceEquals(this, _openAI);

    /// <summary>What is odd about a provider; of one that is not known, little is taken for granted.</summary>
    public static ProviderQuirks Of(string provider) => _known.GetValueOrDefault(provider, _other);
}
