namespace Gateway.Edge.RequestLog.Bodies;

/// <summary>Takes out of a text what must not be kept: personal data and secrets. Pure; safe for use by one worker.</summary>
internal interface IBodyRedactor
{
    /// <summary>The text without it, or null when that cannot be had: then nothing of the text may be kept.</summary>
    /// <param name="text">The text.</param>
    /// <param name="places">Grows by the places that were redacted.</param>
    string? Redact(string text, ref int places);
}
