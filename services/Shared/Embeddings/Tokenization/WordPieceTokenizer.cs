using System.Buffers;
using System.Text;

namespace Gateway.Embeddings.Tokenization;

/// <summary>
/// The tokenizer of the uncased BERT models: cleaning, folding of case and accents, splitting at white space, punctuation and
/// ideographs, then the greedy longest pieces of a vocabulary.
/// </summary>
/// <remarks>
/// Thread-safe. Time is linear in the length of the text and no string is allocated. The names of special tokens in the
/// text (such as "[SEP]") are ordinary text: a caller's words cannot act as markup.
/// </remarks>
public sealed class WordPieceTokenizer
{
    /// <summary>Words of more code points than this become one unknown token.</summary>
    public const int LongestWord = 100;

    private const int FrameTokens = 2;

    private readonly Vocabulary _vocabulary;

    private WordPieceTokenizer(Vocabulary vocabulary) => _vocabulary = vocabulary;

    /// <summary>Number of pieces in the vocabulary; ids are 0 to this less one.</summary>
    public int VocabularySize => _vocabulary.Count;

    /// <summary>Reads a vocabulary: UTF-8, one piece a line, the id being the line number from 0.</summary>
    /// <param name="vocabularyPath">The file, such as <c>minilm/vocab.txt</c> beside the program.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="FileNotFoundException">The file is not there.</exception>
    /// <exception cref="InvalidDataException">A line is empty or repeated, or [UNK], [CLS] or [SEP] is missing.</exception>
    public static WordPieceTokenizer Load(string vocabularyPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(vocabularyPath);
        ModelFiles.Require(vocabularyPath);
        return new WordPieceTokenizer(Vocabulary.Load(vocabularyPath));
    }

    /// <summary>Tokenizes a text into a new array.</summary>
    /// <param name="text">Any text; lone surrogates and control characters are left out.</param>
    /// <param name="maxTokens">Most tokens to return, [CLS] and [SEP] included; at least 2, by default 256.</param>
    /// <returns>The ids, [CLS] first and [SEP] last; text beyond the limit is left out.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokens"/> is below 2.</exception>
    public int[] Tokenize(ReadOnlySpan<char> text, int maxTokens = MiniLmEmbeddingGenerator.DefaultMaxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, FrameTokens);
        // No text has more tokens than code units, so a large limit does not reserve memory for nothing.
        var size = (int)Math.Min(maxTokens, (long)text.Length * 4 + FrameTokens);
        var buffer = ArrayPool<int>.Shared.Rent(size);
        try
        {
            var tokens = buffer.AsSpan(0, size);
            return tokens[..Tokenize(text, tokens).Count].ToArray();
        }
        finally
        {
            ArrayPool<int>.Shared.Return(buffer);
        }
    }

    /// <summary>Tokenizes a text into a buffer.</summary>
    /// <param name="text">Any text; lone surrogates and control characters are left out.</param>
    /// <param name="tokens">Receives the ids, [CLS] first and [SEP] last; its length is the limit and is at least 2.</param>
    /// <returns>How many tokens were written, and whether the text was cut.</returns>
    /// <exception cref="ArgumentException"><paramref name="tokens"/> is shorter than 2.</exception>
    public TokenizedText Tokenize(ReadOnlySpan<char> text, Span<int> tokens)
    {
        if (tokens.Length < FrameTokens)
        {
            throw new ArgumentException("The buffer needs room for [CLS] and [SEP], 2 tokens.", nameof(tokens));
        }

        tokens[0] = _vocabulary.Classify;
        var writer = new PieceWriter(_vocabulary, tokens[1..^1], stackalloc char[2 * LongestWord], stackalloc int[2 * LongestWord]);
        Split(text, ref writer);
        writer.EndWord();
        tokens[writer.Count + 1] = _vocabulary.Separator;
        return new TokenizedText(writer.Count + FrameTokens, writer.Overflowed);
    }

    private static void Split(ReadOnlySpan<char> text, ref PieceWriter writer)
    {
        Span<Rune> parts = stackalloc Rune[4];
        while (!text.IsEmpty && !writer.Overflowed)
        {
            var valid = Rune.DecodeFromUtf16(text, out var rune, out var used) == OperationStatus.Done;
            text = text[used..];
            if (!valid || CharacterRules.IsCleanedAway(rune))
            {
                continue;
            }

            if (rune.IsAscii)
            {
                Add(rune, ref writer);
                continue;
            }

            // Ideographs are recognised before decomposition, so that compatibility ideographs are split apart too.
            var ideograph = CharacterRules.IsIdeograph(rune.Value);
            if (ideograph)
            {
                writer.EndWord();
            }

            var count = Decompositions.Decompose(rune, parts);
            if (count == 0)
            {
                Add(rune, ref writer);
            }

            foreach (var part in parts[..count])
            {
                Add(part, ref writer);
            }

            if (ideograph)
            {
                writer.EndWord();
            }
        }
    }

    private static void Add(Rune rune, ref PieceWriter writer)
    {
        switch (CharacterRules.Classify(rune))
        {
            case CharacterRules.Kind.Word:
                writer.Append(Rune.ToLowerInvariant(rune));
                break;
            case CharacterRules.Kind.Space:
                writer.EndWord();
                break;
            case CharacterRules.Kind.Alone:
                writer.EndWord();
                writer.Append(rune);
                writer.EndWord();
                break;
            default:
                break;
        }
    }
}
