using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine;

/// <summary>What a detector may know of a text besides its characters.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Source">Who wrote it.</param>
/// <param name="Tool">The tool that is called or that answered; null where it is neither.</param>
/// <param name="IsJson">Whether it is JSON as on the wire.</param>
/// <param name="Context">What the check may use besides the texts.</param>
public sealed record GuardFacts(GuardrailScope Place, GuardSource Source, string? Tool, bool IsJson, GuardContext Context)
{
    /// <summary>The facts of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="context">What the check may use.</param>
    public static GuardFacts Of(in GuardText text, GuardContext context) => new(text.Place, text.Source, text.Tool, text.IsJson, context);
}
