namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>
/// Phrases as one tree of characters, each with the bits it stands for. A star ends a stem; a space stands for any gap between words. A walk from each place where a word begins
/// finds every phrase there; it ends after at most the longest phrase, so the time is linear in the text.
/// </summary>
internal sealed class PhraseTree
{
    // A star in a phrase that goes on after it: the rest of the word is anything.
    private const char AnyEnding = '*';
    private const int MaxGap = 4;
    private const int MaxEnding = 12;

    private const int FirstSlots = 1 << 8;
    private readonly List<Node> _tree = [default];
    private Edge[] _edges = new Edge[FirstSlots];
    private int _count;
    private readonly int[] _roots = new int[128];

    /// <summary>Most characters of a phrase that was added.</summary>
    public int Longest { get; private set; }

    /// <summary>Calls back with every phrase that begins at a place.</summary>
    /// <param name="text">Folded text.</param>
    /// <param name="at">Where phrases are to begin.</param>
    /// <param name="end">Where the longest phrase found ends; <paramref name="at"/> when there is none.</param>
    /// <returns>The bits of all that was found.</returns>
    public ulong Match(ReadOnlySpan<char> text, int at, out int end)
    {
        end = at;
        var root = Root(text[at]);
        return root == 0 ? 0 : Walk(text, at + 1, root, ref end);
    }

    private ulong Walk(ReadOnlySpan<char> text, int at, int node, ref int end)
    {
        var found = 0UL;
        while (true)
        {
            var here = _tree[node];
            if (here.Stems != 0)
            {
                found |= here.Stems;
                end = Math.Max(end, at);
            }

            if (here.Words != 0 && (at >= text.Length || !CharClass.IsWord(text[at]) || !CharClass.IsWord(text[at - 1]) || (CharClass.Table[text[at - 1]] & CharClass.Endings) != 0))
            {
                found |= here.Words;
                end = Math.Max(end, at);
            }

            if (at >= text.Length)
            {
                return found;
            }

            if (here.Ending != 0)
            {
                var rest = at;
                while (rest < text.Length && rest - at < MaxEnding && CharClass.IsWord(text[rest]))
                {
                    rest++;
                }

                found |= Walk(text, rest, here.Ending, ref end);
            }

            if (here.Gap != 0 && (CharClass.Table[text[at]] & CharClass.Gap) != 0)
            {
                var rest = at + 1;
                while (rest < text.Length && rest - at < MaxGap && (CharClass.Table[text[rest]] & CharClass.Gap) != 0)
                {
                    rest++;
                }

                if (text[at] == ' ' && rest == at + 1)
                {
                    (node, at) = (here.Gap, rest);
                    continue;
                }

                found |= Walk(text, rest, here.Gap, ref end);
            }

            node = here.HasMore ? Next(node, text[at]) : 0;
            if (node == 0)
            {
                return found;
            }

            at++;
        }
    }

    private int Next(int node, char c)
    {
        var key = ((ulong)(uint)node << 16) | c;
        for (var slot = Slot(key); ; slot = (slot + 1) & (_edges.Length - 1))
        {
            ref readonly var edge = ref _edges[slot];
            if (edge.Key == key)
            {
                return edge.Node;
            }

            if (edge.Node == 0)
            {
                return 0;
            }
        }
    }

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> 40) & (_edges.Length - 1);

    private int Root(char c) => c < 128 ? _roots[c] : Next(0, c);

    private int NextOrNew(int node, char c)
    {
        if (node == 0 && c < 128)
        {
            return _roots[c] != 0 ? _roots[c] : _roots[c] = NewNode();
        }

        if (Next(node, c) is > 0 and var known)
        {
            return known;
        }

        if (++_count * 2 > _edges.Length)
        {
            Grow();
        }

        var added = NewNode();
        Put(((ulong)(uint)node << 16) | c, added);
        _tree[node] = _tree[node] with
        {
            Ending = c == AnyEnding ? added : _tree[node].Ending,
            Gap = c == ' ' ? added : _tree[node].Gap,
            HasMore = true,
        };
        return added;
    }

    private int NewNode()
    {
        _tree.Add(default);
        return _tree.Count - 1;
    }

    private void Put(ulong key, int node)
    {
        var slot = Slot(key);
        while (_edges[slot].Node != 0)
        {
            slot = (slot + 1) & (_edges.Length - 1);
        }

        _edges[slot] = new Edge(key, node);
    }

    private void Grow()
    {
        var edges = _edges;
        _edges = new Edge[edges.Length * 2];
        foreach (var edge in edges)
        {
            if (edge.Node != 0)
            {
                Put(edge.Key, edge.Node);
            }
        }
    }

    /// <summary>Adds a phrase.</summary>
    public void Add(string phrase, ulong bits)
    {
        using var folded = TextFolder.Fold(phrase.Trim());
        var text = folded.Text;
        var node = 0;
        Longest = Math.Max(Longest, text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            // Any gap is a space in the tree, and a hyphen within a phrase is a gap.
            var c = text[i] is '-' or '_' && i > 0 ? ' ' : text[i];
            if (c == AnyEnding && i == text.Length - 1 && i > 0)
            {
                _tree[node] = _tree[node] with { Stems = _tree[node].Stems | bits };
                return;
            }

            node = NextOrNew(node, c);
        }

        if (node != 0)
        {
            _tree[node] = _tree[node] with { Words = _tree[node].Words | bits };
        }
    }

    private readonly record struct Node(ulong Words, ulong Stems, int Ending, int Gap, bool HasMore);

    private readonly record struct Edge(ulong Key, int Node);
}
