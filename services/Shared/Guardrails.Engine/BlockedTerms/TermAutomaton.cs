using System.Buffers;

namespace Gateway.Guardrails.Engine.BlockedTerms;

/// <summary>Aho-Corasick: states are prefixes of the terms; on a mismatch the longest suffix that is a prefix too takes over.</summary>
internal sealed class TermAutomaton
{
    private const int Root = 0;

    private readonly Dictionary<(int State, char Next), int> _moves = [];
    private readonly List<State> _states = [new State()];
    private readonly SearchValues<char> _beginnings;

    /// <summary>An automaton of terms; a term's mark is kept for whoever is told of it, of equal terms the marks together.</summary>
    public TermAutomaton(IEnumerable<(string Term, int Mark)> terms)
    {
        var children = new List<List<(char Next, int State)>> { new() };
        foreach (var (term, mark) in terms)
        {
            Insert(term, mark, children);
        }

        _beginnings = SearchValues.Create([.. children[Root].Select(c => c.Next)]);
        LinkFallbacks(children);
    }

    public bool IsEmpty => _moves.Count == 0;

    /// <summary>Tells of every place where terms end, beginning at <paramref name="from"/> or later.</summary>
    /// <returns>From where on a term may have begun that has not ended.</returns>
    public int Search<TVisitor>(ReadOnlySpan<char> text, int from, ref TVisitor visitor)
        where TVisitor : struct, ITermVisitor, allows ref struct
    {
        var state = Root;
        for (var i = from; i < text.Length; i++)
        {
            if (state == Root)
            {
                // Nothing begun: jump to where something can begin, many characters at a time.
                var skip = text[i..].IndexOfAny(_beginnings);
                if (skip < 0)
                {
                    return text.Length;
                }

                i += skip;
            }

            state = Move(state, text[i]);
            var ended = _states[state].Length > 0 ? state : _states[state].Shorter;
            if (ended != Root && !visitor.Visit(this, ended, i + 1))
            {
                return text.Length;
            }
        }

        return text.Length - _states[state].Depth;
    }

    public int LengthOf(int state) => _states[state].Length;

    public int MarkOf(int state) => _states[state].Mark;

    /// <summary>The next shorter term that ends at the same place; 0 for none.</summary>
    public int ShorterThan(int state) => _states[state].Shorter;

    private int Move(int state, char next)
    {
        while (true)
        {
            if (_moves.TryGetValue((state, next), out var target))
            {
                return target;
            }

            if (state == Root)
            {
                return Root;
            }

            state = _states[state].Fallback;
        }
    }

    private void Insert(string term, int mark, List<List<(char, int)>> children)
    {
        var state = Root;
        foreach (var next in term)
        {
            if (!_moves.TryGetValue((state, next), out var target))
            {
                target = _states.Count;
                _states.Add(new State { Depth = _states[state].Depth + 1 });
                children.Add([]);
                children[state].Add((next, target));
                _moves.Add((state, next), target);
            }

            state = target;
        }

        _states[state].Length = term.Length;
        _states[state].Mark |= mark;
    }

    // Breadth first: a state's fallback is shorter than the state, so it is ready before.
    private void LinkFallbacks(List<List<(char Next, int State)>> children)
    {
        var queue = new Queue<int>(children[Root].Select(c => c.State));
        while (queue.TryDequeue(out var parent))
        {
            foreach (var (next, child) in children[parent])
            {
                var fallback = Move(_states[parent].Fallback, next);
                _states[child].Fallback = fallback;
                _states[child].Shorter = _states[fallback].Length > 0 ? fallback : _states[fallback].Shorter;
                queue.Enqueue(child);
            }
        }
    }

    private sealed class State
    {
        public int Depth { get; init; }

        /// <summary>Length of the term that ends here; 0 for none.</summary>
        public int Length { get; set; }

        public int Mark { get; set; }

        public int Fallback { get; set; }

        public int Shorter { get; set; }
    }
}

/// <summary>Is told where terms end.</summary>
internal interface ITermVisitor
{
    /// <summary>Terms end before <paramref name="end"/>: that of the state, and the shorter ones. False: enough.</summary>
    bool Visit(TermAutomaton automaton, int state, int end);
}
