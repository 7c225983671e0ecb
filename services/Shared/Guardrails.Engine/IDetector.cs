namespace Gateway.Guardrails.Engine;

/// <summary>
/// Looks for one kind of thing in a text. Pure and safe for use by many threads at once; the time it takes grows linearly with the text. What it finds must not
/// depend on how a stream was cut: shown a text piece by piece it finds what it finds in the whole.
/// </summary>
public interface IDetector
{
    /// <summary>Name in findings, for example <c>pii</c>.</summary>
    string Name { get; }

    /// <summary>How many characters before the place where a finding begins it may depend on.</summary>
    int Lookbehind { get; }

    /// <summary>Most characters of a stream that it leaves unsettled: how long a finding can be together with what must be seen after it. <see cref="int.MaxValue"/>: it needs the whole text.</summary>
    int Window { get; }

    /// <summary>Adds what it finds from <see cref="DetectorText.From"/> on, as far as it is certain.</summary>
    /// <param name="text">The text.</param>
    /// <param name="findings">Takes the findings; when it is full, looking further is of no use.</param>
    /// <returns>
    /// Up to where it is settled: every finding that begins before has been added, and no text that may still follow changes that. It is asked to go on from here.
    /// The length of the text when it is complete; at least its length less <see cref="Window"/>.
    /// </returns>
    int Detect(in DetectorText text, FindingSink findings);

    /// <summary>Something to remember over the pieces of one text, handed back with each; null for detectors that need nothing.</summary>
    object? CreateState() => null;
}
