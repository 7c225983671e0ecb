using System.Numerics;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Gets what a <see cref="WindowReader"/> reads. The lists are used again: what is to be kept is copied.</summary>
internal interface IWindowVisitor
{
    /// <summary>A sentence was read.</summary>
    /// <param name="sentence">Where it stands.</param>
    /// <param name="features">What it has.</param>
    /// <param name="words">How many words it has.</param>
    void Sentence(in Sentence sentence, FeatureList features, int words);

    /// <summary>All sentences were read.</summary>
    /// <param name="features">What the window has besides the words of its sentences; of words only the pairs over the end of a sentence.</param>
    /// <param name="words">How many words its sentences have.</param>
    void Window(FeatureList features, int words);
}

/// <summary>
/// Reads one window of text into features: each sentence by itself, and the window as a whole. The same for training and for judging. Not for use by two threads at once;
/// one is kept for each thread.
/// </summary>
internal sealed class WindowReader
{
    // Words by which a window's variety is told.
    private const int MaxWords = 256;
    private const int FewCapitals = 7;

    [ThreadStatic]
    private static WindowReader? _ofThread;

    private readonly SentenceFacts _facts = new();
    private readonly FeatureList _features = new();
    private readonly FeatureList _window = new();
    private readonly uint[] _words = new uint[MaxWords];
    private readonly int[] _conceptCounts = new int[64];
    private readonly Familiarity _familiarity = new();

    public static WindowReader OfThread => _ofThread ??= new WindowReader();

    /// <summary>One bit for each concept anywhere in the window last read.</summary>
    public ulong Concepts { get; private set; }

    /// <summary>Sentences in the window last read.</summary>
    public int SentenceCount { get; private set; }

    /// <summary>Markers of the window last read.</summary>
    public Marker Markers { get; private set; }

    /// <summary>Reads a window.</summary>
    public void Read(ReadOnlySpan<char> original, FoldedText folded, TextSource source, IReadOnlyList<DecodedLayer> layers, bool isLayer, IWindowVisitor visitor)
    {
        (Concepts, SentenceCount) = (0, 0);
        Array.Clear(_conceptCounts);
        _familiarity.Clear();
        _window.Clear();
        var (lastWord, lastFields) = (0u, default(LastFields));
        var text = folded.Text;
        Markers = Injection.Markers.Of(text);
        var (wordCount, longWords, digits, conceptTotal, firstScript) = (0, 0, 0, 0, 0);
        var before = 0UL;
        var next = Sentences.Next(original, text, 0, folded);
        var isFirst = true;
        while (next.End > next.Start)
        {
            var sentence = next;
            next = Sentences.Next(original, text, sentence.End, folded);
            _facts.Read(text, sentence);
            SentenceCount++;
            var script = Script(text[sentence.Start..sentence.End]);
            firstScript = isFirst ? script : firstScript;
            var flags = Flags(original, folded, sentence, isFirst, next.End <= next.Start, source, isLayer, script != firstScript);
            _features.Clear();
            EmitSentence(text[sentence.Start..sentence.End], flags, before);
            WordMeaning.Emit(_features.Meanings, _window.Meanings, _facts.Words, ref lastFields);
            visitor.Sentence(sentence, _features, _facts.WordCount);
            if (_facts.WordCount > 0)
            {
                if (wordCount > 0)
                {
                    _window.Words.Add(FeatureKey.Of(FeatureKind.WordPair, lastWord, _facts.Words[0]));
                }

                lastWord = _facts.Words[^1];
            }

            for (var set = _facts.Concepts; set != 0; set &= set - 1)
            {
                _conceptCounts[BitOperations.TrailingZeroCount(set)]++;
            }

            conceptTotal += _facts.ConceptCount;
            longWords += _facts.LongWords;
            digits += _facts.Digits;
            if (wordCount < MaxWords)
            {
                _facts.Words[..Math.Min(_facts.WordCount, MaxWords - wordCount)].CopyTo(_words.AsSpan(wordCount));
            }

            wordCount += _facts.WordCount;
            Concepts |= _facts.Concepts;
            before = _facts.Concepts;
            isFirst = false;
        }

        EmitWindow();
        WindowStructure.Emit(_window.Strong, original, folded, _words.AsSpan(0, Math.Min(wordCount, MaxWords)), wordCount, Markers, layers, SentenceCount, conceptTotal, longWords, digits, source);
        visitor.Window(_window, wordCount);
    }

    private void EmitSentence(ReadOnlySpan<char> text, SentenceFlags flags, ulong before)
    {
        var words = _facts.Words;
        EmitWords(words, _facts.Stems);
        if (words.Length > 0)
        {
            _features.Strong.Add(FeatureKey.Of(FeatureKind.FirstWord, words[0]));
        }

        EmitConcepts(flags, before);
        ConceptSets.Emit(_features.Strong, FeatureKind.Together, _facts.Concepts);
        ConceptOrder.Emit(_features.Weak, _facts);
        _familiarity.Emit(_features, words, _facts.Concepts);
        for (var set = (uint)flags; set != 0; set &= set - 1)
        {
            _features.Strong.Add(FeatureKey.Of(FeatureKind.Structure, (uint)BitOperations.TrailingZeroCount(set)));
        }

        for (var set = (uint)Injection.Markers.Of(text, Markers); set != 0; set &= set - 1)
        {
            _features.Strong.Add(FeatureKey.Of(FeatureKind.Structure, 100u + (uint)BitOperations.TrailingZeroCount(set)));
        }

        _features.Strong.Add(FeatureKey.Of(FeatureKind.Structure, 200u + (uint)BitOperations.Log2((uint)words.Length + 1)));
        _features.Strong.Add(FeatureKey.Of(FeatureKind.Structure, 300u + (uint)Math.Min(8, BitOperations.PopCount(_facts.Concepts))));
    }

    private void EmitWords(ReadOnlySpan<uint> words, ReadOnlySpan<uint> stems)
    {
        if (words.IsEmpty)
        {
            return;
        }

        var single = _features.Words.Take((2 * words.Length) - 1);
        single[0] = FeatureKey.Of(FeatureKind.Word, words[0]);
        for (var i = 1; i < words.Length; i++)
        {
            single[(2 * i) - 1] = FeatureKey.Of(FeatureKind.Word, words[i]);
            single[2 * i] = FeatureKey.Of(FeatureKind.WordPair, words[i - 1], words[i]);
        }

        var order = _features.Order.Take(2 * words.Length);
        var begins = _features.Words.Take(words.Length);
        var (ordered, begun, before, place) = (0, 0, 0u, 0u);
        for (var i = 0; i < words.Length; i++)
        {
            if (i > 1)
            {
                order[ordered++] = FeatureKey.Of(FeatureKind.WordOverOne, words[i - 2], words[i]);
            }

            var stem = stems[i];
            if (stem != 0)
            {
                begins[begun++] = FeatureKey.Of(FeatureKind.Stem, stem);
            }

            var here = stem == 0 ? words[i] : stem;
            if (i > 0 && (stem | before) != 0)
            {
                order[ordered++] = FeatureKey.Of(FeatureKind.StemPair, place, here);
            }

            (before, place) = (stem, here);
        }

        _features.Order.GiveBack(order.Length - ordered);
        _features.Words.GiveBack(begins.Length - begun);
    }

    private void EmitConcepts(SentenceFlags flags, ulong before)
    {
        const SentenceFlags crossed = SentenceFlags.Question | SentenceFlags.Only | SentenceFlags.Last | SentenceFlags.AfterTag | SentenceFlags.AfterQuote | SentenceFlags.Data | SentenceFlags.Capitals | SentenceFlags.Foreign;
        for (var set = _facts.Concepts; set != 0; set &= set - 1)
        {
            var concept = BitOperations.TrailingZeroCount(set);
            _features.Strong.Add(FeatureKey.Of(FeatureKind.Concept, (uint)concept));
            if (_facts.FirstOf(concept) <= 1)
            {
                _features.Strong.Add(FeatureKey.Of(FeatureKind.FirstConcept, (uint)concept));
            }

            for (var others = set & (set - 1); others != 0; others &= others - 1)
            {
                var other = BitOperations.TrailingZeroCount(others);
                var inOrder = _facts.FirstOf(concept) <= _facts.FirstOf(other);
                _features.Weak.Add(FeatureKey.Of(FeatureKind.ConceptPair, (uint)(inOrder ? concept : other), (uint)(inOrder ? other : concept)));
            }

            for (var earlier = before & ~_facts.Concepts; earlier != 0; earlier &= earlier - 1)
            {
                _features.Weak.Add(FeatureKey.Of(FeatureKind.BeforeAndHere, (uint)BitOperations.TrailingZeroCount(earlier), (uint)concept));
            }

            for (var structure = (uint)(flags & crossed); structure != 0; structure &= structure - 1)
            {
                _features.Weak.Add(FeatureKey.Of(FeatureKind.ConceptAndStructure, (uint)concept, (uint)BitOperations.TrailingZeroCount(structure)));
            }
        }
    }

    private void EmitWindow()
    {
        ConceptSets.Emit(_window.Strong, FeatureKind.WindowTogether, Concepts);
        for (var set = Concepts; set != 0; set &= set - 1)
        {
            var concept = BitOperations.TrailingZeroCount(set);
            _window.Strong.Add(FeatureKey.Of(FeatureKind.WindowConcept, (uint)concept));
            if (_conceptCounts[concept] > 1)
            {
                _window.Weak.Add(FeatureKey.Of(FeatureKind.WindowConceptCount, (uint)concept, (uint)BitOperations.Log2((uint)_conceptCounts[concept])));
            }

            for (var others = set & (set - 1); others != 0; others &= others - 1)
            {
                _window.Weak.Add(FeatureKey.Of(FeatureKind.WindowConceptPair, (uint)concept, (uint)BitOperations.TrailingZeroCount(others)));
            }
        }
    }

    private static SentenceFlags Flags(ReadOnlySpan<char> original, FoldedText folded, in Sentence sentence, bool isFirst, bool isLast, TextSource source, bool isLayer, bool foreign)
    {
        var text = folded.Text[sentence.Start..sentence.End];
        var last = text.TrimEnd(" \n\"')]}");
        var ending = last.IsEmpty ? '\0' : last[^1];
        var flags = SentenceFlags.None;
        flags |= ending is '?' or '？' or '؟' ? SentenceFlags.Question : 0;
        flags |= ending is '!' or '！' ? SentenceFlags.Exclamation : 0;
        flags |= ending is ':' ? SentenceFlags.Colon : 0;
        flags |= (isFirst, isLast) switch { (true, true) => SentenceFlags.Only, (true, _) => SentenceFlags.First, (_, true) => SentenceFlags.Last, _ => SentenceFlags.Middle };
        flags |= sentence.Opening switch
        {
            '<' or '>' => SentenceFlags.AfterTag,
            '"' => SentenceFlags.AfterQuote,
            '\n' => SentenceFlags.AfterLine,
            '|' => SentenceFlags.AfterBar,
            '{' or '}' or '#' => SentenceFlags.AfterSign,
            _ => 0,
        };
        flags |= source == TextSource.Data ? SentenceFlags.Data : 0;
        flags |= isLayer ? SentenceFlags.Layer : 0;
        flags |= foreign ? SentenceFlags.Foreign : 0;
        flags |= Capitals(original[folded.Origin(sentence.Start)..Math.Max(folded.Origin(sentence.Start), folded.Origin(sentence.End))]) ? SentenceFlags.Capitals : 0;
        return flags;
    }

    private static bool Capitals(ReadOnlySpan<char> text)
    {
        // Most sentences have one or two, which are soon found.
        var found = 0;
        for (var rest = text; found <= FewCapitals; found++)
        {
            var next = rest.IndexOfAnyInRange('A', 'Z');
            if (next < 0)
            {
                return false;
            }

            rest = rest[(next + 1)..];
        }

        var (upper, lower) = (0, 0);
        foreach (var c in text)
        {
            upper += (uint)(c - 'A') <= 'Z' - 'A' ? 1 : 0;
            lower += (uint)(c - 'a') <= 'z' - 'a' ? 1 : 0;
        }

        return upper > lower;
    }

    private static int Script(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (char.IsLetter(c))
            {
                return c switch { < '\u0370' => 1, < '\u0400' => 2, < '\u0530' => 3, < '\u0600' => 4, < '\u0700' => 5, < '\u0E00' => 6, < '\u0F00' => 7, >= '\u1E00' and < '\u2000' => 1, _ => 8 };
            }
        }

        return 0;
    }
}
