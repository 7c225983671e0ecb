namespace Gateway.Guardrails.Engine;

/// <summary>
/// A text as a detector is shown it: all of it, or of a stream what is held at the moment, with some of what went before.
/// </summary>
public readonly ref struct DetectorText
{
    /// <summary>A text and where to look.</summary>
    /// <param name="text">The characters.</param>
    /// <param name="from">See <see cref="From"/>.</param>
    /// <param name="isComplete">See <see cref="IsComplete"/>.</param>
    /// <param name="facts">See <see cref="Facts"/>.</param>
    /// <param name="state">See <see cref="State"/>.</param>
    /// <param name="offset">See <see cref="Offset"/>.</param>
    public DetectorText(ReadOnlySpan<char> text, int from, bool isComplete, GuardFacts facts, object? state = null, int offset = 0)
    {
        Text = text;
        From = from;
        IsComplete = isComplete;
        Facts = facts;
        State = state;
        Offset = offset;
    }

    /// <summary>The characters. What lies before <see cref="From"/> is there to be looked back at and is at least as long as the detector's lookbehind, unless the text begins with it.</summary>
    public ReadOnlySpan<char> Text { get; }

    /// <summary>Findings begin here or later: what begins before has been told.</summary>
    public int From { get; }

    /// <summary>True when nothing follows.</summary>
    public bool IsComplete { get; }

    /// <summary>What else is known of the text.</summary>
    public GuardFacts Facts { get; }

    /// <summary>What <see cref="IDetector.CreateState"/> made for this text.</summary>
    public object? State { get; }

    /// <summary>How many characters of the whole text went before <see cref="Text"/>.</summary>
    public int Offset { get; }
}
