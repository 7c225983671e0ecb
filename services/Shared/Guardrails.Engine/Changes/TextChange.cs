using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Changes;

/// <summary>What takes the place of something that was found.</summary>
public static class TextChange
{
    /// <summary>What a text is replaced by.</summary>
    /// <param name="action">Redact, mask, hash or pseudonymize.</param>
    /// <param name="realistic">For pseudonyms: a made-up value instead of a numbered placeholder.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="original">The text.</param>
    /// <param name="substitutes">Stand-ins for hash and pseudonymize; null: it is redacted instead.</param>
    /// <param name="redactedInstead">Whether it was.</param>
    public static string Apply(GuardrailAction action, bool realistic, string kind, ReadOnlySpan<char> original, ITextSubstitutes? substitutes, out bool redactedInstead)
    {
        redactedInstead = false;
        switch (action)
        {
            case GuardrailAction.Mask:
                return Mask(original);
            case GuardrailAction.Hash when substitutes is not null:
                return substitutes.Hash(kind, original.ToString());
            case GuardrailAction.Pseudonymize when substitutes is not null:
                return substitutes.Pseudonym(kind, original.ToString(), realistic);
            default:
                redactedInstead = action != GuardrailAction.Redact;
                return $"[{kind.ToUpperInvariant()}]";
        }
    }

    /// <summary>Stars for all but the last characters: four stay of twelve and more, two of eight and more, else none.</summary>
    /// <param name="original">The text.</param>
    public static string Mask(ReadOnlySpan<char> original)
    {
        var kept = original.Length >= 12 ? 4 : original.Length >= 8 ? 2 : 0;
        if (kept > 0 && char.IsLowSurrogate(original[^kept]))
        {
            kept--;
        }

        return string.Concat(new string('*', original.Length - kept), original[^kept..]);
    }
}
