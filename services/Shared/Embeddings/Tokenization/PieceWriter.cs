using System.Text;

namespace Gateway.Embeddings.Tokenization;

/// <summary>Collects the code points of one word at a time and writes the word's pieces.</summary>
internal ref struct PieceWriter(Vocabulary vocabulary, Span<int> tokens, Span<char> word, Span<int> pieces)
{
    private readonly Span<int> _tokens = tokens;
    private readonly Span<char> _word = word;
    private readonly Span<int> _pieces = pieces;
    private int _wordLength;
    private int _wordRunes;

    /// <summary>Tokens written so far.</summary>
    public int Count { get; private set; }

    /// <summary>True once a token had no room; nothing more is written.</summary>
    public bool Overflowed { get; private set; }

    public void Append(Rune rune)
    {
        // The rest of an overlong word is only counted: it becomes [UNK] whatever it holds.
        if (_wordRunes < WordPieceTokenizer.LongestWord)
        {
            _wordLength += rune.EncodeToUtf16(_word[_wordLength..]);
        }

        _wordRunes++;
    }

    public void EndWord()
    {
        if (_wordRunes == 0)
        {
            return;
        }

        var count = _wordRunes > WordPieceTokenizer.LongestWord ? 0 : Match(_word[.._wordLength]);
        if (count == 0)
        {
            _pieces[0] = vocabulary.Unknown;
            count = 1;
        }

        var fitting = Math.Min(count, _tokens.Length - Count);
        _pieces[..fitting].CopyTo(_tokens[Count..]);
        Count += fitting;
        Overflowed |= fitting < count;
        _wordLength = 0;
        _wordRunes = 0;
    }

    /// <summary>Greedy longest pieces from the left; 0 when some part of the word is in no piece.</summary>
    private readonly int Match(ReadOnlySpan<char> rest)
    {
        var count = 0;
        while (!rest.IsEmpty)
        {
            var length = Math.Min(rest.Length, vocabulary.LongestPiece);
            int id;
            while (!vocabulary.TryFind(rest[..length], continuation: count > 0, out id))
            {
                if (--length == 0)
                {
                    return 0;
                }
            }

            _pieces[count++] = id;
            rest = rest[length..];
        }

        return count;
    }
}
