namespace Gateway.Guardrails.Engine.Policies;

/// <summary>Something that is wrong with a policy.</summary>
/// <param name="Path">Where, below the policy: <c>rules[0].kinds[2]</c>.</param>
/// <param name="Message">What is wrong and what is allowed instead.</param>
public readonly record struct PolicyProblem(string Path, string Message);
