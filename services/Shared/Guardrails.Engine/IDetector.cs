namespace Gateway.Guardrails.Engine;

/// <summary>
/// Looks for one kind of thing in a text. Pure and safe for use by many threads at once; the time it takes grows linearly
/// with the text.
/// </summary>
public interface IDetector
{
    /// <summary>Name in findings, for example <c>blocked_terms</c>.</summary>
    string Name { get; }

    /// <summary>Adds what it finds, in the order of the places where they end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="findings">Takes the findings; when it is full, looking further is of no use.</param>
    void Detect(ReadOnlySpan<char> text, FindingSink findings);
}
