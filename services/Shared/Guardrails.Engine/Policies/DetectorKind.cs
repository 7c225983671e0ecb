namespace Gateway.Guardrails.Engine.Policies;

/// <summary>A kind of thing that a detector knows.</summary>
/// <param name="Name">Its name in policies and findings, for example <c>credit_card</c>.</param>
/// <param name="Summary">What it is, in a few words.</param>
/// <param name="IsDefault">Whether it counts where a rule names no kinds.</param>
public sealed record DetectorKind(string Name, string Summary, bool IsDefault = true);
