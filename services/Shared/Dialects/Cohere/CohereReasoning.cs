using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Cohere;

/// <summary>
/// Reasoning here is of two kinds, neither of them signed: <c>thinking</c> content, and the <c>tool_plan</c> that goes before tool calls and that the provider
/// wants back with them. A mark in place of a signature tells which it was when it comes back through another dialect.
/// </summary>
internal static class CohereReasoning
{
    /// <summary>Mark of thinking.</summary>
    public static Signature Thinking { get; } = new(DialectId.Cohere, "thinking");

    /// <summary>Mark of a tool plan.</summary>
    public static Signature Plan { get; } = new(DialectId.Cohere, "plan");

    /// <summary>True when <paramref name="signature"/> is the mark of a tool plan.</summary>
    public static bool IsPlan(Signature? signature) => signature == Plan;

    /// <summary>True for reasoning that came from this dialect.</summary>
    /// <param name="reasoning">The reasoning.</param>
    /// <param name="caller">Dialect of the caller who sends it.</param>
    public static bool IsOwn(ReasoningPart reasoning, DialectId caller) =>
        reasoning.Signature is { } signature ? signature.Origin == DialectId.Cohere : caller == DialectId.Cohere && reasoning.Encrypted is null;
}
