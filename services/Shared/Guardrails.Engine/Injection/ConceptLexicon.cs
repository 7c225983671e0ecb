using System.Reflection;
using Gateway.Guardrails.Engine.Normalization;

namespace Gateway.Guardrails.Engine.Injection;

/// <summary>
/// The phrases of <c>Concepts.txt</c> as one tree of characters. A walk from each place where a word begins finds every phrase there; it ends after at most the longest phrase, so
/// the time is linear in the text.
/// </summary>
internal sealed class ConceptLexicon
{
    private const string Resource = "Gateway.Guardrails.Engine.Injection.Concepts.txt";

    // A star in a phrase that goes on after it: the rest of the word is anything.
    private const char AnyEnding = '*';
    private const int MaxGap = 4;
    private const int MaxEnding = 12;

    private readonly List<ulong> _words = [0];
    private readonly List<ulong> _stems = [0];
    private ulong[] _keys = new ulong[1 << 16];
    private int[] _nodes = new int[1 << 16];
    private int _count;
    private readonly int[] _roots = new int[0x10000];

    private ConceptLexicon()
    {
    }

    /// <summary>The lexicon, read once.</summary>
    public static ConceptLexicon Default { get; } = Load();

    /// <summary>Calls back with every phrase that begins at a place.</summary>
    /// <param name="text">Folded text.</param>
    /// <param name="at">Where phrases are to begin.</param>
    /// <param name="end">Where the longest phrase found ends; <paramref name="at"/> when there is none.</param>
    /// <returns>The concepts found, one bit each.</returns>
    public ulong Match(ReadOnlySpan<char> text, int at, out int end)
    {
        end = at;
        var root = _roots[text[at]];
        return root == 0 ? 0 : Walk(text, at + 1, root, ref end);
    }

    private ulong Walk(ReadOnlySpan<char> text, int at, int node, ref int end)
    {
        var found = 0UL;
        while (true)
        {
            if (_stems[node] != 0)
            {
                found |= _stems[node];
                end = Math.Max(end, at);
            }

            var atBoundary = at >= text.Length || !CharClass.IsWord(text[at]) || !CharClass.IsWord(text[at - 1]);
            if (_words[node] != 0 && (atBoundary || (CharClass.Table[text[at - 1]] & CharClass.Endings) != 0))
            {
                found |= _words[node];
                end = Math.Max(end, at);
            }

            if (at >= text.Length)
            {
                return found;
            }

            if (Next(node, AnyEnding) is > 0 and var ending)
            {
                var rest = at;
                while (rest < text.Length && rest - at < MaxEnding && CharClass.IsWord(text[rest]))
                {
                    rest++;
                }

                found |= Walk(text, rest, ending, ref end);
            }

            if ((CharClass.Table[text[at]] & CharClass.Gap) != 0 && Next(node, ' ') is > 0 and var after)
            {
                var rest = at + 1;
                while (rest < text.Length && rest - at < MaxGap && (CharClass.Table[text[rest]] & CharClass.Gap) != 0)
                {
                    rest++;
                }

                if (text[at] == ' ' && rest == at + 1)
                {
                    (node, at) = (after, rest);
                    continue;
                }

                found |= Walk(text, rest, after, ref end);
            }

            node = Next(node, text[at]);
            if (node == 0)
            {
                return found;
            }

            at++;
        }
    }

    private int Next(int node, char c)
    {
        var key = ((ulong)node << 16) | c;
        for (var slot = Slot(key); ; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                return _nodes[slot];
            }

            if (_nodes[slot] == 0)
            {
                return 0;
            }
        }
    }

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> 40) & (_keys.Length - 1);

    private int NextOrNew(int node, char c)
    {
        if (node == 0)
        {
            return _roots[c] != 0 ? _roots[c] : _roots[c] = NewNode();
        }

        if (Next(node, c) is > 0 and var known)
        {
            return known;
        }

        if (++_count * 2 > _keys.Length)
        {
            Grow();
        }

        var added = NewNode();
        Put(((ulong)node << 16) | c, added);
        return added;
    }

    private int NewNode()
    {
        _words.Add(0);
        _stems.Add(0);
        return _words.Count - 1;
    }

    private void Put(ulong key, int node)
    {
        var slot = Slot(key);
        while (_nodes[slot] != 0)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        (_keys[slot], _nodes[slot]) = (key, node);
    }

    private void Grow()
    {
        var (keys, nodes) = (_keys, _nodes);
        (_keys, _nodes) = (new ulong[keys.Length * 2], new int[keys.Length * 2]);
        for (var i = 0; i < keys.Length; i++)
        {
            if (nodes[i] != 0)
            {
                Put(keys[i], nodes[i]);
            }
        }
    }

    private void Add(string phrase, Concept concept)
    {
        using var folded = TextFolder.Fold(phrase.Trim());
        var text = folded.Text;
        var node = 0;
        for (var i = 0; i < text.Length; i++)
        {
            // Any gap is a space in the tree, and a hyphen within a phrase is a gap.
            var c = text[i] is '-' or '_' && i > 0 ? ' ' : text[i];
            if (c == AnyEnding && i == text.Length - 1 && i > 0)
            {
                _stems[node] |= 1UL << (int)concept;
                return;
            }

            node = NextOrNew(node, c);
        }

        if (node != 0)
        {
            _words[node] |= 1UL << (int)concept;
        }
    }

    private static ConceptLexicon Load()
    {
        var lexicon = new ConceptLexicon();
        var names = Enum.GetValues<Concept>().ToDictionary(static c => c.ToString(), StringComparer.OrdinalIgnoreCase);
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"The resource {Resource} is missing.");
        using var reader = new StreamReader(stream);
        Concept concept = default;
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 2 && line[0] == '[' && line[^1] == ']' && names.TryGetValue(line[1..^1].Replace("_", "", StringComparison.Ordinal), out var next))
            {
                concept = next;
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                foreach (var phrase in line.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                {
                    lexicon.Add(phrase, concept);
                }
            }
        }

        return lexicon;
    }
}
