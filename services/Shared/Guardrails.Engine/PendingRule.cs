using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine;

/// <summary>A rule that asks another service, which the caller of the engine does.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Texts">Which texts it looks at, by index.</param>
public sealed record PendingRule(CompiledRule Rule, IReadOnlyList<int> Texts);
