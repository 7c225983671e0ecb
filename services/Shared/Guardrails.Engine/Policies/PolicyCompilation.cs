namespace Gateway.Guardrails.Engine.Policies;

/// <summary>A policy that is ready to run, or what is wrong with it.</summary>
/// <param name="Policy">The policy; null when there are problems.</param>
/// <param name="Problems">Every problem; empty when there is a policy.</param>
public sealed record PolicyCompilation(CompiledPolicy? Policy, IReadOnlyList<PolicyProblem> Problems);
