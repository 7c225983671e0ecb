namespace Gateway.Dialects.Anthropic;

/// <summary>How a model can be made to think.</summary>
internal enum ThinkingMode
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>With a budget of tokens.</summary>
    Budget = 1,

    /// <summary>With a budget, or as it sees fit.</summary>
    Both = 2,

    /// <summary>Only as it sees fit.</summary>
    Adaptive = 3,
}

/// <summary>
/// What a model takes, told by its name, wherever it is served (<c>claude-sonnet-4-5</c>, <c>us.anthropic.claude-opus-4-6-v1:0</c>,
/// <c>claude-3-7-sonnet@20250219</c>). A Claude without a version in its name counts as the newest; a model of another name behind this dialect as able to
/// think with a budget and to nothing else that is newer.
/// </summary>
internal readonly record struct ClaudeModel
{
    private const int Newest = 9900;

    private ClaudeModel(bool isClaude, string family, int version)
    {
        IsClaude = isClaude;
        Family = family;
        Version = version;
    }

    /// <summary>True when the name says so.</summary>
    public bool IsClaude { get; }

    /// <summary>How it thinks.</summary>
    public ThinkingMode Thinking => !IsClaude ? ThinkingMode.Budget
        : Version < 307 ? ThinkingMode.None
        : Version < 406 ? ThinkingMode.Budget
        : Version == 406 ? ThinkingMode.Both
        : ThinkingMode.Adaptive;

    /// <summary>True when it takes <c>output_config.effort</c>.</summary>
    public bool TakesEffort => IsClaude && (Version >= 406 || (Version == 405 && Family == "opus"));

    /// <summary>True when efforts go beyond <c>high</c>, to <c>max</c>.</summary>
    public bool TakesMaxEffort => IsClaude && Version >= 406;

    /// <summary>True when it takes the effort <c>xhigh</c>.</summary>
    public bool TakesExtraHighEffort => IsClaude && Version >= 407;

    /// <summary>True when it takes <c>output_config.format</c> and strict tools.</summary>
    public bool TakesSchema => IsClaude && Version >= 405;

    /// <summary>True when it refuses temperature, top-p and top-k.</summary>
    public bool RefusesSampling => IsClaude && Version >= 407;

    /// <summary>True when it refuses temperature and top-p together.</summary>
    public bool RefusesTemperatureWithTopP => IsClaude && Version >= 401;

    /// <summary>True when it goes on with an assistant message that the conversation ends with; newer ones refuse such requests.</summary>
    public bool TakesPrefill => IsClaude && Version < 406;

    /// <summary>True when thinking cannot be switched off.</summary>
    public bool AlwaysThinks => IsClaude && (Family is "fable" or "mythos" || (Family == "opus" && Version is >= 505 and < Newest));

    /// <summary>True when it refuses to be forced to call a tool.</summary>
    public bool RefusesForcedTools => IsClaude && ((Family is "fable" or "mythos" && Version is >= 501 and < Newest) || (Family == "opus" && Version is >= 505 and < Newest));

    private string Family { get; }

    private int Version { get; }

    /// <summary>Reads a model's name.</summary>
    public static ClaudeModel Parse(string name)
    {
        var at = name.IndexOf("claude", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return new ClaudeModel(false, "", 0);
        }

        var family = "";
        var major = -1;
        var minor = -1;
        foreach (var word in name[at..].ToLowerInvariant().Split('-', '.', '@', ':', '_', '/').Skip(1))
        {
            if (word.Length <= 2 && int.TryParse(word, out var number))
            {
                if (major < 0)
                {
                    major = number;
                }
                else if (minor < 0)
                {
                    minor = number;
                }
            }
            else if (word is "opus" or "sonnet" or "haiku" or "fable" or "mythos" or "instant")
            {
                family = word;
            }
            else if (word.Length > 1 && word[0] == 'v' && char.IsAsciiDigit(word[1]))
            {
                // A revision on Bedrock; of the oldest models the version itself.
                if (family.Length == 0)
                {
                    major = 2;
                }

                break;
            }
        }

        return new ClaudeModel(true, family, family == "instant" ? 100 : major < 0 ? Newest : (major * 100) + Math.Max(minor, 0));
    }
}
