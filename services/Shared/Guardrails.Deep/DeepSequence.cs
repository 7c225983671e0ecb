using Gateway.Embeddings.Tokenization;
using Gateway.Guardrails.Engine.Injection;

namespace Gateway.Guardrails.Deep;

/// <summary>What the encoder is shown of a text: the sentence that looks most like an attack, with as much of what is around it as fits.</summary>
internal static class DeepSequence
{
    /// <summary>Tokens that are read at most; they bound what a text costs.</summary>
    public const int MostTokens = 128;

    // Characters that are looked at on each side, and of the sentence: enough for all the tokens that there is room for, unless the words are very long.
    private const int Reach = 6 * MostTokens;
    private const int Frame = 2;

    /// <summary>Writes the tokens.</summary>
    /// <param name="tokenizer">The encoder's tokenizer.</param>
    /// <param name="text">The text.</param>
    /// <param name="reading">Where the fast tier looked.</param>
    /// <param name="tokens">Receives the tokens; <see cref="MostTokens"/> of them.</param>
    /// <returns>How many they are.</returns>
    public static int Write(WordPieceTokenizer tokenizer, string text, in FastReading reading, Span<int> tokens)
    {
        var start = reading.SentenceLength > 0 ? reading.SentenceStart : reading.Start;
        var length = Math.Min(reading.SentenceLength > 0 ? reading.SentenceLength : reading.Length, Reach);
        var sentence = tokens[..MostTokens];
        var kept = tokenizer.Tokenize(text.AsSpan(start, length), sentence).Count - Frame;

        Span<int> around = stackalloc int[2 * (Reach + Frame)];
        var left = around[..(Reach + Frame)];
        var right = around[(Reach + Frame)..];
        var from = Math.Max(0, start - Reach);
        var end = start + length;
        var before = tokenizer.Tokenize(text.AsSpan(from, start - from), left).Count - Frame;
        var after = tokenizer.Tokenize(text.AsSpan(end, Math.Min(Reach, text.Length - end)), right).Count - Frame;

        var room = MostTokens - Frame - kept;
        var fromLeft = Math.Min(before, Math.Max(room / 2, room - after));
        var fromRight = Math.Min(after, room - fromLeft);
        var (first, last) = (sentence[0], sentence[kept + 1]);
        sentence.Slice(1, kept).CopyTo(tokens[(1 + fromLeft)..]);
        left.Slice(1 + before - fromLeft, fromLeft).CopyTo(tokens[1..]);
        right.Slice(1, fromRight).CopyTo(tokens[(1 + fromLeft + kept)..]);
        var count = Frame + fromLeft + kept + fromRight;
        (tokens[0], tokens[count - 1]) = (first, last);
        return count;
    }
}
