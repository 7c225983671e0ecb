namespace Gateway.Guardrails.Engine.Normalization;

/// <summary>
/// Phrases as one tree of characters, each with the bits it stands for. A star ends a stem; a space stands for any gap between words. A walk from each place where a word begins finds every phrase there; it ends after at most the longest phrase, so
/// the time is linear in the text.
/// </summary>
internal sealed class PhraseTree
{
    // A star in a phrase that goes on after it: the rest of the word is anything.
    private const char AnyEnding = '*';
    private const int MaxGap = 4;
    private const int MaxEnding = 12;

    private readonly List<ulong> _words = [0];
    private readonly List<ulong> _stems = [0];
    private ulong[] _keys = new ulong[1 << 16];
    private int[] _nodes = new int[1 << 16];
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
                _stems[node] |= bits;
                return;
            }

            node = NextOrNew(node, c);
        }

        if (node != 0)
        {
            _words[node] |= bits;
        }
    }
}
