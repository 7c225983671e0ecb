using Gateway.Guardrails.Engine.Normalization;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>What was read in one sentence; used again for the next.</summary>
internal sealed class SentenceFacts
{
    /// <summary>Words that are kept of one sentence.</summary>
    public const int MaxWords = 96;

    // Longer words are also known by how they begin: endings are many, above all in other languages than English.
    private const int StemLength = 5;

    private readonly uint[] _words = new uint[MaxWords];
    private readonly uint[] _stems = new uint[MaxWords];
    private readonly int[] _first = new int[64];

    public int WordCount { get; private set; }

    public ReadOnlySpan<uint> Words => _words.AsSpan(0, WordCount);

    /// <summary>How each word begins; 0 for short ones.</summary>
    public ReadOnlySpan<uint> Stems => _stems.AsSpan(0, WordCount);

    /// <summary>One bit for each concept in the sentence.</summary>
    public ulong Concepts { get; private set; }

    /// <summary>How often each concept stands in it, together.</summary>
    public int ConceptCount { get; private set; }

    public int Digits { get; private set; }

    public int LongWords { get; private set; }

    /// <summary>The word at which a concept stands first.</summary>
    public int FirstOf(int concept) => _first[concept];

    /// <summary>Reads a sentence.</summary>
    public void Read(ReadOnlySpan<char> text, in Sentence sentence)
    {
        (WordCount, Concepts, ConceptCount, Digits, LongWords) = (0, 0, 0, 0, 0);
        var lexicon = ConceptLexicon.Default.Walk;
        var table = CharClass.Table;
        var (hash, length, digit) = (FeatureKey.HashStart, 0, false);
        var stem = 0u;
        var before = (byte)0;

        // A phrase may reach over the end of the sentence only as far as the sentence does.
        var within = text[..sentence.End];
        for (var i = sentence.Start; i < sentence.End; i++)
        {
            var c = within[i];
            var kind = table[c];
            var word = (kind & CharClass.Word) != 0;
            if ((before & CharClass.Word) == 0 || (kind & CharClass.Anywhere) != 0 || !word)
            {
                Take(lexicon.Match(within, i, out _));
            }

            if (kind == CharClass.Word)
            {
                // Most of a text is this: more letters of a word, of which nothing else is asked.
                var first = i;
                do
                {
                    c = within[i];
                    hash = FeatureKey.Extend(hash, c);
                    digit |= char.IsAsciiDigit(c);
                    stem = i - first + length == StemLength - 1 ? hash : stem;
                    i++;
                }
                while (i < within.Length && table[within[i]] == CharClass.Word);
                length += i - first;
                before = kind;
                i--;
                continue;
            }

            if (word && (kind & CharClass.Endings) == 0)
            {
                hash = FeatureKey.Extend(hash, c);
                digit |= char.IsAsciiDigit(c);
                length++;
                stem = length == StemLength ? hash : stem;
            }
            else if (length > 0 && !(c == '\'' && i + 1 < sentence.End && CharClass.IsWord(within[i + 1])))
            {
                End(hash, length, digit, stem);
                (hash, length, digit) = (FeatureKey.HashStart, 0, false);
            }

            if (word && (kind & before & CharClass.Endings) != 0 && WordCount < MaxWords)
            {
                // Scripts whose words are not set apart, or run together with what belongs to them: two characters at a time.
                _stems[WordCount] = 0;
                _words[WordCount++] = FeatureKey.Extend(FeatureKey.Extend(FeatureKey.HashStart, within[i - 1]), c);
            }

            before = kind;
        }

        if (length > 0)
        {
            End(hash, length, digit, stem);
        }
    }

    private void End(uint hash, int length, bool digit, uint stem)
    {
        Digits += digit ? 1 : 0;
        LongWords += length > 18 ? 1 : 0;
        if (WordCount < MaxWords)
        {
            // Numbers say little by their value.
            _stems[WordCount] = length > StemLength && !digit ? stem : 0;
            _words[WordCount++] = digit ? FeatureKey.Extend(FeatureKey.HashStart, '0') + (uint)Math.Min(length, 6) : hash;
        }
    }

    private void Take(ulong found)
    {
        if (found == 0)
        {
            return;
        }

        ConceptCount += System.Numerics.BitOperations.PopCount(found);
        for (var fresh = found & ~Concepts; fresh != 0; fresh &= fresh - 1)
        {
            _first[System.Numerics.BitOperations.TrailingZeroCount(fresh)] = WordCount;
        }

        Concepts |= found;
    }
}
