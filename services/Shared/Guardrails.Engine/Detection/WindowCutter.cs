namespace Gateway.Guardrails.Engine.Detection;

/// <summary>
/// Cuts texts into windows that are judged one by one. Where a window ends depends on its own characters only, so that a stream is cut as the whole text is.
/// </summary>
/// <param name="length">Most characters of a window.</param>
/// <param name="slack">How much shorter it may be, to end with a sentence or a word.</param>
internal readonly struct WindowCutter(int length, int slack)
{
    public int Length => length;

    /// <summary>The next window of a text from a place on; 0 when what decides where it ends is yet to come.</summary>
    public int Next(in DetectorText text, int from) => text.IsComplete || text.Text.Length - from > length ? End(text.Text[from..]) : 0;

    /// <summary>Where the window that a text begins with ends.</summary>
    public int End(ReadOnlySpan<char> text)
    {
        if (text.Length <= length)
        {
            return text.Length;
        }

        var last = text[(length - slack)..length];
        var end = last.LastIndexOf('\n');
        end = end < 0 ? last.LastIndexOf(". ", StringComparison.Ordinal) : end;
        end = end < 0 ? last.LastIndexOf(' ') : end;
        end = end < 0 ? length : length - slack + end + 1;
        return char.IsHighSurrogate(text[end - 1]) ? end - 1 : end;
    }
}
