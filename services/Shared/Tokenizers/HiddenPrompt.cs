namespace Gateway.Tokenizers;

/// <summary>
/// What providers put into a prompt that the request does not show, and bill: how a model is told to call tools, what tools of the provider's own do, and what those bring in. Figures are the
/// largest that providers publish or that were seen in recorded traffic.
/// </summary>
public static class HiddenPrompt
{
    // How Claude is told of tools: the most that Anthropic's table of its models says.
    private const long ToolsOfClaude = 530;

    // xAI's models have a prompt of their own, whose size is not published.
    private const long Grok = 256;

    private const long Tools = 128;

    // A computer, the largest of them, was seen to be 1,810.
    private const long BuiltInTool = 2_048;

    // One search brings up to 33,000 into the prompt. A tool that is used often can bring any amount.
    private const long HostedTool = 40_000;

    /// <summary>The most that a model is told besides the request.</summary>
    /// <param name="model">Its name at any provider.</param>
    /// <param name="hasTools">True when the request offers tools.</param>
    public static long OfModel(string model, bool hasTools)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Contains("claude", StringComparison.OrdinalIgnoreCase) ? (hasTools ? ToolsOfClaude : 0)
            : model.Contains("grok", StringComparison.OrdinalIgnoreCase) ? Grok + (hasTools ? Tools : 0)
            : hasTools ? Tools : 0;
    }

    /// <summary>The most that is said of tools of the provider's making, and what those that it runs commonly bring in.</summary>
    /// <param name="builtIn">Tools that callers run.</param>
    /// <param name="hosted">Tools that the provider runs.</param>
    public static long OfTools(int builtIn, int hosted) => (builtIn * BuiltInTool) + (hosted * HostedTool);
}
