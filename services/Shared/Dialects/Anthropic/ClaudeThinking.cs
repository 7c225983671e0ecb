using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Anthropic;

/// <summary>
/// Decides how a Claude model is made to think, and the cap on its output, which must exceed the thinking budget. Serves the Anthropic dialect and Bedrock
/// Converse, which takes the same settings.
/// </summary>
internal readonly record struct ClaudeThinking
{
    private const int SmallestBudget = 1024;
    private const int RoomForAnswer = 4096;

    /// <summary><c>enabled</c>, <c>adaptive</c>, <c>disabled</c>, or null to say nothing.</summary>
    public string? Type { get; private init; }

    /// <summary>Tokens for thinking, with <c>enabled</c>.</summary>
    public int Budget { get; private init; }

    /// <summary>Effort in Anthropic's words, or null.</summary>
    public string? Effort { get; private init; }

    /// <summary>Whether thinking is shown (<c>summarized</c>, <c>omitted</c>), or null.</summary>
    public string? Display { get; private init; }

    /// <summary>The cap on output tokens, or null when none is known.</summary>
    public int? MaxTokens { get; private init; }

    /// <summary>True when the model will think.</summary>
    public bool IsOn => Type is "enabled" or "adaptive";

    /// <summary>Decides.</summary>
    /// <param name="request">What the caller wants.</param>
    /// <param name="model">What the model takes.</param>
    /// <param name="limit">Most output tokens of the model, or null.</param>
    /// <param name="forcesTool">True when a tool call is forced: Claude does not think then.</param>
    /// <param name="target">The dialect written: only thoughts of its own can be shown to it.</param>
    /// <param name="drops">Receives the reasoning settings when they cannot be kept.</param>
    public static ClaudeThinking Decide(ChatRequest request, ClaudeModel model, int? limit, bool forcesTool, DialectId target, DropList drops)
    {
        int? cap = request.MaxOutputTokens is { } asked ? Math.Min(Math.Max(asked, 1), limit ?? int.MaxValue) : null;
        var none = new ClaudeThinking { MaxTokens = cap ?? limit };
        if (request.Reasoning is not { } options || options is { Enabled: null, Effort: null, BudgetTokens: null })
        {
            return none;
        }

        var name = CallerNames.Of(request.Origin, "reasoning_effort");
        if (options.Enabled == false || options is { Enabled: null, Effort: "none" } || options is { Enabled: null, BudgetTokens: 0 })
        {
            if (model.AlwaysThinks)
            {
                drops.Add(name);
                return none;
            }

            return model.Thinking == ThinkingMode.None ? none : none with { Type = "disabled", Effort = EffortOf(options, model) };
        }

        // Anthropic's own effort is about all of the answer and does not switch thinking on.
        var withEffort = none with { Effort = EffortOf(options, model) };
        if (options.Enabled is null && request.Origin is DialectId.Anthropic or DialectId.BedrockConverse && options.BudgetTokens is null)
        {
            return withEffort;
        }

        if (model.Thinking == ThinkingMode.None || forcesTool || (model.Thinking == ThinkingMode.Budget && LacksThoughts(request, target)))
        {
            drops.Add(name);
            return withEffort;
        }

        if (model.Thinking == ThinkingMode.Adaptive || (model.Thinking == ThinkingMode.Both && options.BudgetTokens is not > 0))
        {
            return withEffort with
            {
                Type = "adaptive",
                Display = options.IncludeText switch { true when model.Thinking == ThinkingMode.Adaptive => "summarized", false => "omitted", _ => null },
            };
        }

        return withEffort.WithBudget(BudgetOf(options), cap, limit, name, drops);
    }

    private ClaudeThinking WithBudget(int budget, int? cap, int? limit, string name, DropList drops)
    {
        var most = cap ?? limit ?? budget + RoomForAnswer;
        if (most <= SmallestBudget)
        {
            drops.Add(name);
            return this;
        }

        if (budget >= most)
        {
            budget = most / 5 * 4;
        }

        return this with { Type = "enabled", Budget = Math.Max(budget, SmallestBudget), MaxTokens = most };
    }

    private static int BudgetOf(ReasoningOptions options) => options.BudgetTokens is > 0 and var budget ? budget : options.Effort switch
    {
        "minimal" => SmallestBudget,
        "low" => 2048,
        "high" => 16384,
        "xhigh" or "max" => 32768,
        _ => 8192,
    };

    private static string? EffortOf(ReasoningOptions options, ClaudeModel model)
    {
        if (!model.TakesEffort)
        {
            return null;
        }

        var wanted = options.Effort ?? (model.Thinking != ThinkingMode.Adaptive ? null : options.BudgetTokens switch
        {
            null or <= 0 => null,
            <= 2048 => "low",
            <= 8192 => "medium",
            <= 24576 => "high",
            _ => "xhigh",
        });
        return wanted switch
        {
            "minimal" or "low" => "low",
            "medium" or "high" => wanted,
            "xhigh" => model.TakesExtraHighEffort ? "xhigh" : model.TakesMaxEffort ? "max" : "high",
            "max" => model.TakesMaxEffort ? "max" : "high",
            _ => null,
        };
    }

    /// <summary>
    /// True when the turn that goes on called tools without showing thoughts: a model that thinks with a budget refuses to go on thinking then.
    /// </summary>
    private static bool LacksThoughts(ChatRequest request, DialectId target)
    {
        for (var i = request.Messages.Count - 1; i >= 0; i--)
        {
            var message = request.Messages[i];
            if (message.Role == ChatRole.User && !(i > 0 && request.Messages[i - 1].Role == ChatRole.Tool))
            {
                return false;
            }

            if (message.Role == ChatRole.Assistant && message.Parts.Exists(static p => p is ToolCallPart))
            {
                return !message.Parts.Exists(p => p is ReasoningPart thought && IsOf(thought, target));
            }
        }

        return false;
    }

    /// <summary>True when the thought can be shown to <paramref name="target"/>, because its provider made it.</summary>
    public static bool IsOf(ReasoningPart thought, DialectId target) => thought.Signature?.Origin == target || thought.Encrypted?.Origin == target;
}
