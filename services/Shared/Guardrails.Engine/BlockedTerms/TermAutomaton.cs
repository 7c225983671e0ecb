using System.Buffers;

namespace Gateway.Guardrails.Engine.BlockedTerms;

/// <summary>Aho-Corasick: states are prefixes of the terms; on a mismatch the longest suffix that is a prefix too takes over.</summary>
internal sealed class TermAutomaton
{
    private const int Root = 0;

    private readonly Dictionary<(int State, char Next), int> moves = [];
    private readonly List<int> fallback = [Root];

    /// <summary>Length of the longest term that ends in a state; 0 for none.</summary>
    private readonly List<int> matched = [0];

    private readonly SearchValues<char> beginnings;

    public TermAutomaton(IEnumerable<string> terms)
    {
        var children = new List<List<(char Next, int State)>> { new() };
        foreach (var term in terms)
        {
            Insert(term, children);
        }

        beginnings = SearchValues.Create([.. children[Root].Select(c => c.Next)]);
        LinkFallbacks(children);
    }

    public bool IsEmpty => moves.Count == 0;

    public void Search(ReadOnlySpan<char> text, FindingSink findings)
    {
        var state = Root;
        for (var i = 0; i < text.Length && !findings.IsFull; i++)
        {
            if (state == Root)
            {
                // Nothing begun: jump to where something can begin, many characters at a time.
                var skip = text[i..].IndexOfAny(beginnings);
                if (skip < 0)
                {
                    return;
                }

                i += skip;
            }

            state = Move(state, text[i]);
            if (matched[state] is > 0 and var length)
            {
                findings.Add(i + 1 - length, length);
            }
        }
    }

    private int Move(int state, char next)
    {
        while (true)
        {
            if (moves.TryGetValue((state, next), out var target))
            {
                return target;
            }

            if (state == Root)
            {
                return Root;
            }

            state = fallback[state];
        }
    }

    private void Insert(string term, List<List<(char, int)>> children)
    {
        var state = Root;
        foreach (var next in term)
        {
            if (!moves.TryGetValue((state, next), out var target))
            {
                target = fallback.Count;
                fallback.Add(Root);
                matched.Add(0);
                children.Add([]);
                children[state].Add((next, target));
                moves.Add((state, next), target);
            }

            state = target;
        }

        matched[state] = term.Length;
    }

    // Breadth first: a state's fallback is shorter than the state, so it is ready before.
    private void LinkFallbacks(List<List<(char Next, int State)>> children)
    {
        var queue = new Queue<int>(children[Root].Select(c => c.State));
        while (queue.TryDequeue(out var parent))
        {
            foreach (var (next, state) in children[parent])
            {
                fallback[state] = Move(fallback[parent], next);
                if (matched[state] == 0)
                {
                    matched[state] = matched[fallback[state]];
                }

                queue.Enqueue(state);
            }
        }
    }
}
