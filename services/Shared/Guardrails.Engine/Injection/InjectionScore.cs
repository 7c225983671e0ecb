namespace Gateway.Guardrails.Engine.Injection;

/// <summary>How much a text looks like an attack on the model's instructions, 0 to 1 each; 0.5 is where the detector's own threshold lies.</summary>
/// <param name="Direct">Instructions overridden, or secrets and prompts asked for, by who writes the text.</param>
/// <param name="Indirect">Orders to the model inside what should be data.</param>
/// <param name="Jailbreak">Parts to play, modes and stories by which the model is to leave its rules.</param>
/// <param name="Start">Where what scored highest begins, in UTF-16 code units.</param>
/// <param name="Length">How long it is.</param>
public readonly record struct InjectionScore(float Direct, float Indirect, float Jailbreak, int Start, int Length)
{
    /// <summary>The highest of the three.</summary>
    public float Highest => MathF.Max(Direct, MathF.Max(Indirect, Jailbreak));
}
