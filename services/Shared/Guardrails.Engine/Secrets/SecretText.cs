namespace Gateway.Guardrails.Engine.Secrets;

/// <summary>A text that knows whether something was asked that only text that is still to come can answer.</summary>
internal ref struct SecretText(ReadOnlySpan<char> text, bool isComplete)
{
    public ReadOnlySpan<char> Text { get; } = text;

    public bool NeedsMore { get; set; }

    public char At(int at)
    {
        if (at < 0)
        {
            return '\0';
        }

        if (at >= Text.Length)
        {
            NeedsMore |= !isComplete;
            return '\0';
        }

        return Text[at];
    }
}
