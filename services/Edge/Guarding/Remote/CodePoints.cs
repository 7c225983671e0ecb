namespace Gateway.Edge.Guarding.Remote;

/// <summary>Offsets of services that count code points, as Python and Google do.</summary>
internal static class CodePoints
{
    /// <summary>The UTF-16 offset of the code point of that number; the length of the text for one behind its end.</summary>
    public static int Offset(string text, int codePoint)
    {
        var at = 0;
        for (var i = 0; i < codePoint && at < text.Length; i++)
        {
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        }

        return at;
    }
}
