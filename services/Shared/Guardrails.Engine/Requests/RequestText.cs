
namespace Gateway.Guardrails.Engine.Requests;

/// <summary>A text of a request, with its place in the body.</summary>
/// <param name="Text">What detectors are shown.</param>
/// <param name="Start">Where it begins in the body.</param>
/// <param name="Length">How long it is there, quotes included; 0 for a text that no model reads, which is looked at and never changed.</param>
/// <param name="Form">How it stands there.</param>
/// <param name="IsSealed">True for what its author signed: a change would make it worthless, so only what was put back into it is taken out again.</param>
public readonly record struct RequestText(GuardText Text, int Start, int Length, TextForm Form, bool IsSealed = false);

/// <summary>How a text stands in a body.</summary>
public enum TextForm
{
    /// <summary>As a JSON string.</summary>
    JsonString,

    /// <summary>As JSON.</summary>
    Json,

    /// <summary>As it is, in a form.</summary>
    Plain,

    /// <summary>As JSON that tells other texts once more: it is no text itself, and goes when any of them changes.</summary>
    Tells,
}
