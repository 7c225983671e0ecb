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

    public PhraseWalk(IReadOnlyList<(string Text, bool IsStem, ulong Bits)> phrases)
    {
        var tree = Grown(phrases);
        var order = new List<Branch> { tree };
        var ids = new Dictionary<Branch, int> { [tree] = 0 };
        var (rare, others) = (new List<Rare> { default }, 0);

        // Level by level, so that what is walked most lies together.
        for (var i = 0; i < order.Count; i++)
        {
            foreach (var (c, child) in order[i].Children.OrderBy(static p => !IsLetter(p.Key)).ThenBy(static p => p.Key))
            {
                ids[child] = order.Count;
                order.Add(child);
                others += IsLetter(c) ? 0 : 1;
            }
        }

        _edges = new Edge[1 << (33 - BitOperations.LeadingZeroCount((uint)Math.Max(others, 1)))];
        _nodes = new Node[order.Count];
        for (var i = 0; i < order.Count; i++)
        {
            var (branch, letters, first, hasOthers) = (order[i], 0u, 0, false);
            foreach (var (c, child) in branch.Children.OrderBy(static p => p.Key))
            {
                var id = ids[child];
                if (i == 0 && c < _roots.Length)
                {
                    _roots[c] = id;
                }

                if (IsLetter(c))
                {
                    first = letters == 0 ? id : first;
                    letters |= 1u << (c - 'a');
                }
                else
                {
                    hasOthers = true;
                    Put(i, c, id);
                }
            }

            var special = new Rare(branch.Words, branch.Stems, branch.IdOf(PhraseTree.AnyEnding, ids), branch.IdOf(' ', ids));
            _nodes[i] = new Node(letters, first, special == default ? 0 : rare.Count, hasOthers);
            if (special != default)
            {
                rare.Add(special);
            }
        }

        _rare = [.. rare];
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
        var key = ((ulong)(uint)node << 16) | c;
        for (var slot = Slot(key); ; slot = (slot + 1) & (_edges.Length - 1))
        {
            ref readonly var edge = ref _edges[slot];
            if (edge.Node == 0 || edge.Key == key)
            {
                return edge.Node;
            }
        }
    }

    private void Put(int node, char c, int child)
    {
        var key = ((ulong)(uint)node << 16) | c;
        var slot = Slot(key);
        while (_edges[slot].Node != 0)
        {
            slot = (slot + 1) & (_edges.Length - 1);
        }

        _edges[slot] = new Edge(key, child);
    }

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> 40) & (_edges.Length - 1);

    private static bool IsLetter(char c) => (uint)(c - 'a') < Letters;

    private static Branch Grown(IReadOnlyList<(string Text, bool IsStem, ulong Bits)> phrases)
    {
        var root = new Branch();
        foreach (var (text, isStem, bits) in phrases)
        {
            var branch = root;
            foreach (var c in text)
            {
                if (!branch.Children.TryGetValue(c, out var next))
                {
                    branch.Children[c] = next = new Branch();
                }

                branch = next;
            }

            (branch.Stems, branch.Words) = isStem ? (branch.Stems | bits, branch.Words) : (branch.Stems, branch.Words | bits);
        }

        return root;
    }

    private sealed class Branch
    {
        public Dictionary<char, Branch> Children { get; } = [];

        public ulong Words { get; set; }

        public ulong Stems { get; set; }

        public int IdOf(char c, Dictionary<Branch, int> ids) => Children.TryGetValue(c, out var child) ? ids[child] : 0;
    }

    private readonly record struct Node(uint Letters, int First, int Rare, bool HasOthers);

    private readonly record struct Rare(ulong Words, ulong Stems, int Ending, int Gap);

    private readonly record struct Edge(ulong Key, int Node);
}
