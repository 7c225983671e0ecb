using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.SystemPrompts;

namespace Gateway.Guardrails.Engine;

/// <summary>What a check may use besides the texts.</summary>
public sealed record GuardContext
{
    private PromptIndex? _promptIndex;

    /// <summary>Nothing.</summary>
    public static GuardContext None { get; } = new();

    /// <summary>Stand-ins for what is hashed or pseudonymised. Null: such text is redacted instead, and the rule's note says so.</summary>
    public ITextSubstitutes? Substitutes { get; init; }

    /// <summary>The system prompts of the request, for <c>system_prompt_leak</c>.</summary>
    public IReadOnlyList<string> SystemPrompts { get; init; } = [];

    /// <summary>The system prompts, ready to be looked for; made when first asked for.</summary>
    internal PromptIndex PromptIndex => _promptIndex ??= new PromptIndex(SystemPrompts);

    /// <summary>Measures the policy's timeout. Null: it is not measured.</summary>
    public TimeProvider? Clock { get; init; }
}
