namespace Gateway.Routing.Rules;

/// <summary>Why a text is no rule.</summary>
/// <param name="Position">Character of the text, from 1.</param>
/// <param name="Message">What is wrong and what would be right, in sentences.</param>
public sealed record RuleProblem(int Position, string Message)
{
    /// <summary>The message with its position.</summary>
    public override string ToString() => $"At character {Position}: {Message}";
}
