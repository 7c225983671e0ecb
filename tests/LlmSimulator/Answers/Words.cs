using System.Text;

namespace Gateway.LlmSimulator.Answers;

/// <summary>The text of answers: one token per piece, each already escaped for a JSON string.</summary>
internal static class Words
{
    // Some take several bytes in UTF-8, so that writes which cut anywhere cut inside characters.
    private static readonly byte[][] _vocabulary =
    [
        .. new[]
        {
            "the ", "gateway ", "answers ", "every ", "request ", "with ", "a ", "token ", "stream ", "of ", "plain ", "words ", "and ", "naïve ",
            "café ", "日本 ", "🙂 ", "until ", "it ", "ends ", "in ", "time ", "über ", "model ", "says ", "nothing ", "new ", "today ", "but ", "counts ", "it, ", "exactly. ",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static byte[][] Draw(long seed, int tokens)
    {
        var pieces = new byte[tokens][];
        for (var i = 0; i < tokens; i++)
        {
            pieces[i] = _vocabulary[Dice.Below(_vocabulary.Length, seed, i)];
        }

        return pieces;
    }

    /// <summary>A piece per word of <paramref name="escaped"/>, each with the space after it.</summary>
    public static byte[][] Split(ReadOnlySpan<byte> escaped)
    {
        var pieces = new List<byte[]>();
        while (!escaped.IsEmpty)
        {
            var space = escaped.IndexOf((byte)' ');
            var length = space < 0 ? escaped.Length : space + 1;
            pieces.Add(escaped[..length].ToArray());
            escaped = escaped[length..];
        }

        return [.. pieces];
    }
}
