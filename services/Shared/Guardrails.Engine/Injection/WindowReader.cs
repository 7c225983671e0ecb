using System.Numerics;
using Gateway.Guardrails.Engine.Normalization;
using Gateway.Guardrails.Engine.Normalization.Layers;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>Gets what a <see cref="WindowReader"/> reads.</summary>
internal interface IWindowVisitor
{
    /// <summary>A sentence was read; its features follow on the sink that is returned.</summary>
    IFeatureSink BeginSentence(in Sentence sentence, ulong concepts);

    /// <summary>The sentence's features are complete.</summary>
    void EndSentence();

    /// <summary>All sentences were read; the features of the window follow on the sink that is returned.</summary>
    IFeatureSink BeginWindow();
}

/// <summary>
/// Reads one window of text into features: each sentence by itself, and the window as a whole. The same for training and for judging. Not for use by two threads at once;
/// one is kept for each thread.
/// </summary>
internal sealed class WindowReader
{
    /// <summary>Most words of a window that count.</summary>
    private const int MaxWords = 1024;

    private const float ConceptValue = 0.5f;
    private const float PairValue = 0.35f;

    [ThreadStatic]
    private static WindowReader? _ofThread;

    private readonly SentenceFacts _facts = new();
    private readonly uint[] _words = new uint[MaxWords];
    private readonly uint[] _stems = new uint[MaxWords];
    private readonly int[] _conceptCounts = new int[64];
    private readonly Familiarity _familiarity = new();
    private int _wordCount;

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
        (_wordCount, Concepts, SentenceCount) = (0, 0, 0);
        Array.Clear(_conceptCounts);
        _familiarity.Clear();
        var text = folded.Text;
        Markers = Injection.Markers.Of(text);
        var (longWords, digits, conceptTotal, firstScript) = (0, 0, 0, 0);
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
            var sink = visitor.BeginSentence(sentence, _facts.Concepts);
            EmitSentence(sink, text[sentence.Start..sentence.End], flags, before);
            visitor.EndSentence();

            for (var set = _facts.Concepts; set != 0; set &= set - 1)
            {
                _conceptCounts[BitOperations.TrailingZeroCount(set)]++;
            }

            conceptTotal += _facts.ConceptCount;
            longWords += _facts.LongWords;
            digits += _facts.Digits;
            var room = Math.Min(_facts.WordCount, MaxWords - _wordCount);
            _facts.Words[..room].CopyTo(_words.AsSpan(_wordCount));
            _facts.Stems[..room].CopyTo(_stems.AsSpan(_wordCount));
            _wordCount += room;
            Concepts |= _facts.Concepts;
            before = _facts.Concepts;
            isFirst = false;
        }

        var window = visitor.BeginWindow();
        EmitWindow(window);
        WindowStructure.Emit(window, original, folded, _words.AsSpan(0, _wordCount), Markers, layers, SentenceCount, conceptTotal, longWords, digits, source);
    }

    private void EmitSentence(IFeatureSink sink, ReadOnlySpan<char> text, SentenceFlags flags, ulong before)
    {
        var words = _facts.Words;
        var value = 1f / MathF.Sqrt(Math.Max(1, words.Length));
        for (var i = 0; i < words.Length; i++)
        {
            sink.Add(FeatureKey.Of(FeatureKind.Word, words[i]), value);
            if (i > 0)
            {
                sink.Add(FeatureKey.Of(FeatureKind.WordPair, words[i - 1], words[i]), value);
            }

            if (i > 1)
            {
                sink.Add(FeatureKey.Of(FeatureKind.WordOverOne, words[i - 2], words[i]), value);
            }
        }

        var stems = _facts.Stems;
        for (var i = 0; i < stems.Length; i++)
        {
            if (stems[i] != 0)
            {
                sink.Add(FeatureKey.Of(FeatureKind.Stem, stems[i]), value);
            }

            if (i > 0 && (stems[i] | stems[i - 1]) != 0)
            {
                sink.Add(FeatureKey.Of(FeatureKind.StemPair, stems[i - 1] == 0 ? words[i - 1] : stems[i - 1], stems[i] == 0 ? words[i] : stems[i]), value);
            }
        }

        if (words.Length > 0)
        {
            sink.Add(FeatureKey.Of(FeatureKind.FirstWord, words[0]), ConceptValue);
        }

        sink.EndWords();
        EmitConcepts(sink, flags, before);
        ConceptSets.Emit(sink, FeatureKind.Together, _facts.Concepts);
        WordMeaning.Emit(sink, words, value, FeatureKind.Group, FeatureKind.GroupPair);
        ConceptOrder.Emit(sink, _facts);
        _familiarity.Emit(sink, words, _facts.Concepts);
        for (var set = (uint)flags; set != 0; set &= set - 1)
        {
            sink.Add(FeatureKey.Of(FeatureKind.Structure, (uint)BitOperations.TrailingZeroCount(set)), ConceptValue);
        }

        for (var set = (uint)Injection.Markers.Of(text); set != 0; set &= set - 1)
        {
            sink.Add(FeatureKey.Of(FeatureKind.Structure, 100u + (uint)BitOperations.TrailingZeroCount(set)), ConceptValue);
        }

        sink.Add(FeatureKey.Of(FeatureKind.Structure, 200u + (uint)BitOperations.Log2((uint)words.Length + 1)), ConceptValue);
        sink.Add(FeatureKey.Of(FeatureKind.Structure, 300u + (uint)Math.Min(8, BitOperations.PopCount(_facts.Concepts))), ConceptValue);
    }

    private void EmitConcepts(IFeatureSink sink, SentenceFlags flags, ulong before)
    {
        const SentenceFlags crossed = SentenceFlags.Question | SentenceFlags.Only | SentenceFlags.Last | SentenceFlags.AfterTag | SentenceFlags.AfterQuote | SentenceFlags.Data | SentenceFlags.Capitals | SentenceFlags.Foreign;
        for (var set = _facts.Concepts; set != 0; set &= set - 1)
        {
            var concept = BitOperations.TrailingZeroCount(set);
            sink.Add(FeatureKey.Of(FeatureKind.Concept, (uint)concept), ConceptValue);
            if (_facts.FirstOf(concept) <= 1)
            {
                sink.Add(FeatureKey.Of(FeatureKind.FirstConcept, (uint)concept), ConceptValue);
            }

            for (var others = set & (set - 1); others != 0; others &= others - 1)
            {
                var other = BitOperations.TrailingZeroCount(others);
                var inOrder = _facts.FirstOf(concept) <= _facts.FirstOf(other);
                sink.Add(FeatureKey.Of(FeatureKind.ConceptPair, (uint)(inOrder ? concept : other), (uint)(inOrder ? other : concept)), PairValue);
            }

            for (var earlier = before & ~_facts.Concepts; earlier != 0; earlier &= earlier - 1)
            {
                sink.Add(FeatureKey.Of(FeatureKind.BeforeAndHere, (uint)BitOperations.TrailingZeroCount(earlier), (uint)concept), PairValue);
            }

            for (var structure = (uint)(flags & crossed); structure != 0; structure &= structure - 1)
            {
                sink.Add(FeatureKey.Of(FeatureKind.ConceptAndStructure, (uint)concept, (uint)BitOperations.TrailingZeroCount(structure)), PairValue);
            }
        }
    }

    private void EmitWindow(IFeatureSink sink)
    {
        var value = 1f / MathF.Sqrt(Math.Max(1, _wordCount));
        for (var i = 0; i < _wordCount; i++)
        {
            sink.Add(FeatureKey.Of(FeatureKind.WindowWord, _words[i]), value);
            if (i > 0)
            {
                sink.Add(FeatureKey.Of(FeatureKind.WindowWordPair, _words[i - 1], _words[i]), value);
            }

            if (_stems[i] != 0)
            {
                sink.Add(FeatureKey.Of(FeatureKind.WindowStem, _stems[i]), value);
            }
        }

        sink.EndWords();
        WordMeaning.Emit(sink, _words.AsSpan(0, _wordCount), value, FeatureKind.WindowGroup, FeatureKind.WindowGroupPair);
        ConceptSets.Emit(sink, FeatureKind.WindowTogether, Concepts);
        for (var set = Concepts; set != 0; set &= set - 1)
        {
            var concept = BitOperations.TrailingZeroCount(set);
            sink.Add(FeatureKey.Of(FeatureKind.WindowConcept, (uint)concept), ConceptValue);
            if (_conceptCounts[concept] > 1)
            {
                sink.Add(FeatureKey.Of(FeatureKind.WindowConceptCount, (uint)concept, (uint)BitOperations.Log2((uint)_conceptCounts[concept])), PairValue);
            }

            for (var others = set & (set - 1); others != 0; others &= others - 1)
            {
                sink.Add(FeatureKey.Of(FeatureKind.WindowConceptPair, (uint)concept, (uint)BitOperations.TrailingZeroCount(others)), PairValue * 0.7f);
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
        var (upper, lower) = (0, 0);
        foreach (var c in text)
        {
            upper += char.IsAsciiLetterUpper(c) ? 1 : 0;
            lower += char.IsAsciiLetterLower(c) ? 1 : 0;
        }

        return upper > 7 && upper > lower;
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

/// <summary>What a sentence is and where it stands. The bits are part of the model's features.</summary>
[Flags]
internal enum SentenceFlags : uint
{
    None = 0,
    Question = 1 << 0,
    Exclamation = 1 << 1,
    Colon = 1 << 2,
    Only = 1 << 3,
    First = 1 << 4,
    Middle = 1 << 5,
    Last = 1 << 6,
    AfterTag = 1 << 7,
    AfterQuote = 1 << 8,
    AfterLine = 1 << 9,
    AfterBar = 1 << 10,
    AfterSign = 1 << 11,
    Data = 1 << 12,
    Layer = 1 << 13,
    Foreign = 1 << 14,
    Capitals = 1 << 15,
}
