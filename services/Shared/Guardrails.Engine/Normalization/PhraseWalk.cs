using System.Numerics;

namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>
/// A tree of phrases as it is walked: sixteen bytes for each place in it, the children by small letters one behind the other, so that a step over one is a look at the place and a count of bits.
/// </summary>
internal sealed class PhraseWalk
{
    private const int MaxGap = 4;
    private const int MaxEnding = 12;
    private const int Letters = 26;

    private readonly Node[] _nodes;
    private readonly Rare[] _rare;
    private readonly int[] _roots = new int[128];
    private readonly Edge[] _edges;

    public PhraseWalk(IEnumerable<(string Text, bool IsStem, ulong Bits)> phrases)
    {
        var sorted = phrases.OrderBy(static p => p.Text, StringComparer.Ordinal).ToArray();
        var (nodes, rare, edges) = (new List<Node>(), new List<Rare> { default }, new List<Edge>());

        // Level by level, so that what is walked most lies together. A place is what of the sorted phrases begins in one way.
        var stretches = new List<Stretch> { new(0, sorted.Length, 0) };
        for (var i = 0; i < stretches.Count; i++)
        {
            var (from, to, depth) = stretches[i];
            var (words, stems) = (0UL, 0UL);
            for (; from < to && sorted[from].Text.Length == depth; from++)
            {
                (words, stems) = sorted[from].IsStem ? (words, stems | sorted[from].Bits) : (words | sorted[from].Bits, stems);
            }

            var (letters, first, ending, gap, others) = (0u, stretches.Count, 0, 0, edges.Count);
            foreach (var (c, stretch) in Children(sorted, from, to, depth).OrderBy(static c => !IsLetter(c.First)))
            {
                letters |= IsLetter(c) ? 1u << (c - 'a') : 0;
                ending = c == PhraseTree.AnyEnding ? stretches.Count : ending;
                gap = c == ' ' ? stretches.Count : gap;
                if (!IsLetter(c))
                {
                    edges.Add(new Edge(Key(i, c), stretches.Count));
                }

                if (i == 0 && c < _roots.Length)
                {
                    _roots[c] = stretches.Count;
                }

                stretches.Add(stretch);
            }

            var special = new Rare(words, stems, ending, gap);
            nodes.Add(new Node(letters, first, special == default ? 0 : rare.Count, edges.Count > others));
            if (special != default)
            {
                rare.Add(special);
            }
        }

        (_nodes, _rare) = ([.. nodes], [.. rare]);
        _edges = new Edge[1 << (33 - BitOperations.LeadingZeroCount((uint)Math.Max(edges.Count, 1)))];
        foreach (var edge in edges)
        {
            var slot = Slot(edge.Key);
            while (_edges[slot].Node != 0)
            {
                slot = (slot + 1) & (_edges.Length - 1);
            }

            _edges[slot] = edge;
        }
    }

    /// <summary>Every phrase that begins at a place; see <see cref="PhraseTree.Match"/>.</summary>
    public ulong Match(ReadOnlySpan<char> text, int at, out int end)
    {
        end = at;
        var c = text[at];
        var root = c < (uint)_roots.Length ? _roots[c] : Other(0, c);
        return root == 0 ? 0 : Walk(text, at + 1, root, ref end);
    }

    private ulong Walk(ReadOnlySpan<char> text, int at, int node, ref int end)
    {
        var found = 0UL;
        while (true)
        {
            ref readonly var here = ref _nodes[node];
            if (here.Rare != 0)
            {
                ref readonly var rare = ref _rare[here.Rare];
                if (rare.Stems != 0)
                {
                    found |= rare.Stems;
                    end = Math.Max(end, at);
                }

                if (rare.Words != 0 && (at >= text.Length || !CharClass.IsWord(text[at]) || !CharClass.IsWord(text[at - 1]) || (CharClass.Table[text[at - 1]] & CharClass.Endings) != 0))
                {
                    found |= rare.Words;
                    end = Math.Max(end, at);
                }

                if (at >= text.Length)
                {
                    return found;
                }

                if (rare.Ending != 0)
                {
                    var rest = at;
                    while (rest < text.Length && rest - at < MaxEnding && CharClass.IsWord(text[rest]))
                    {
                        rest++;
                    }

                    found |= Walk(text, rest, rare.Ending, ref end);
                }

                if (rare.Gap != 0 && (CharClass.Table[text[at]] & CharClass.Gap) != 0)
                {
                    var rest = at + 1;
                    while (rest < text.Length && rest - at < MaxGap && (CharClass.Table[text[rest]] & CharClass.Gap) != 0)
                    {
                        rest++;
                    }

                    if (text[at] == ' ' && rest == at + 1)
                    {
                        (node, at) = (rare.Gap, rest);
                        continue;
                    }

                    found |= Walk(text, rest, rare.Gap, ref end);
                }
            }

            if (at >= text.Length)
            {
                return found;
            }

            var c = text[at];
            var letter = (uint)(c - 'a');
            if (letter < Letters)
            {
                var bit = 1u << (int)letter;
                if ((here.Letters & bit) == 0)
                {
                    return found;
                }

                node = here.First + BitOperations.PopCount(here.Letters & (bit - 1));
            }
            else if (!here.HasOthers || (node = Other(node, c)) == 0)
            {
                return found;
            }

            at++;
        }
    }

    private int Other(int node, char c)
    {
        var key = Key(node, c);
        for (var slot = Slot(key); ; slot = (slot + 1) & (_edges.Length - 1))
        {
            ref readonly var edge = ref _edges[slot];
            if (edge.Node == 0 || edge.Key == key)
            {
                return edge.Node;
            }
        }
    }

    private static ulong Key(int node, char c) => ((ulong)(uint)node << 16) | c;

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> 40) & (_edges.Length - 1);

    private static bool IsLetter(char c) => (uint)(c - 'a') < Letters;

    private static List<(char First, Stretch Stretch)> Children((string Text, bool IsStem, ulong Bits)[] sorted, int from, int to, int depth)
    {
        var children = new List<(char, Stretch)>();
        for (var start = from; start < to;)
        {
            var (c, end) = (sorted[start].Text[depth], start + 1);
            while (end < to && sorted[end].Text[depth] == c)
            {
                end++;
            }

            children.Add((c, new Stretch(start, end, depth + 1)));
            start = end;
        }

        return children;
    }

    private readonly record struct Stretch(int From, int To, int Depth);

    private readonly record struct Node(uint Letters, int First, int Rare, bool HasOthers);

    private readonly record struct Rare(ulong Words, ulong Stems, int Ending, int Gap);

    private readonly record struct Edge(ulong Key, int Node);
}
