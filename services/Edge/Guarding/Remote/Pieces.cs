namespace Gateway.Edge.Guarding.Remote;

/// <summary>Cuts texts for services that take only so much at once.</summary>
internal static class Pieces
{
    /// <summary>The pieces of a text, cut at spaces where there are any in the last tenth.</summary>
    public static IEnumerable<(int Start, string Text)> Of(string text, int most)
    {
        for (var start = 0; start < text.Length;)
        {
            var length = Math.Min(most, text.Length - start);
            if (start + length < text.Length)
            {
                var space = text.LastIndexOf(' ', start + length - 1, length / 10);
                length = space > start ? space + 1 - start : char.IsHighSurrogate(text[start + length - 1]) ? length - 1 : length;
            }

            yield return (start, text.Substring(start, length));
            start += length;
        }
    }
}
