using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Bedrock;

/// <summary>Families of models behind Converse that want something of their own.</summary>
internal enum BedrockFamily
{
    /// <summary>Nothing is known of it.</summary>
    Other = 0,

    /// <summary>Anthropic's.</summary>
    Claude = 1,

    /// <summary>Amazon's.</summary>
    Nova = 2,

    /// <summary>OpenAI's open models.</summary>
    OpenAI = 3,

    /// <summary>Meta's.</summary>
    Llama = 4,

    /// <summary>Mistral's.</summary>
    Mistral = 5,
}

/// <summary>What a model behind Converse takes, told by its id.</summary>
internal readonly record struct BedrockModel
{
    private BedrockModel(BedrockFamily family, ClaudeModel claude, string id)
    {
        Family = family;
        Claude = claude;
        Id = id;
    }

    /// <summary>Its family.</summary>
    public BedrockFamily Family { get; }

    /// <summary>What is known of it as a Claude model.</summary>
    public ClaudeModel Claude { get; }

    /// <summary>True for Anthropic's models.</summary>
    public bool IsClaude => Family == BedrockFamily.Claude;

    /// <summary>True when it takes markers of the cache in messages and instructions.</summary>
    public bool TakesCache => Family is BedrockFamily.Claude or BedrockFamily.Nova;

    /// <summary>True when it takes markers of the cache among tools.</summary>
    public bool TakesToolCache => IsClaude;

    /// <summary>True when a marker may say how long.</summary>
    public bool TakesCacheTtl => IsClaude && Claude.TakesSchema;

    /// <summary>True when it takes <c>outputConfig.textFormat</c> and strict tools. Later models of Anthropic's do on its own API, but not here.</summary>
    public bool TakesSchema => IsClaude && Claude.TakesSchema && !Claude.RefusesSampling;

    /// <summary>True when a tool call can be forced.</summary>
    public bool TakesForcedTools => Family is not BedrockFamily.Llama && !Claude.RefusesForcedTools;

    /// <summary>What top-k is called, or null where there is none; <c>topK</c> lies in an <c>inferenceConfig</c> of its own.</summary>
    public string? TopKName => Family switch
    {
        BedrockFamily.Claude or BedrockFamily.Mistral => "top_k",
        BedrockFamily.Nova => "topK",
        _ => null,
    };

    private string Id { get; }

    /// <summary>Reads a model's id: also of an inference profile or an ARN.</summary>
    public static BedrockModel Parse(string id)
    {
        var claude = ClaudeModel.Parse(id);
        var family = claude.IsClaude ? BedrockFamily.Claude
            : id.Contains("amazon.nova", StringComparison.OrdinalIgnoreCase) ? BedrockFamily.Nova
            : id.Contains("openai.", StringComparison.OrdinalIgnoreCase) ? BedrockFamily.OpenAI
            : id.Contains("meta.", StringComparison.OrdinalIgnoreCase) ? BedrockFamily.Llama
            : id.Contains("mistral.", StringComparison.OrdinalIgnoreCase) ? BedrockFamily.Mistral
            : BedrockFamily.Other;
        return new BedrockModel(family, claude, id);
    }

    /// <summary>The effort in the words of a model that is not Anthropic's; null when it takes none, or none is asked for.</summary>
    public string? EffortOf(ReasoningOptions? options)
    {
        var takes = Family == BedrockFamily.OpenAI || (Family == BedrockFamily.Nova && Id.Contains("nova-2", StringComparison.OrdinalIgnoreCase));
        if (!takes || options is null or { Enabled: false } or { Enabled: null, Effort: null or "none", BudgetTokens: null or 0 })
        {
            return null;
        }

        return options.Effort switch
        {
            "minimal" or "low" => "low",
            "high" or "xhigh" => "high",
            "medium" => "medium",
            _ => options.BudgetTokens switch { > 0 and <= 2048 => "low", > 8192 => "high", _ => "medium" },
        };
    }
}
