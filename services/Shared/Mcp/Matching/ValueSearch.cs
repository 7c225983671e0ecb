using System.Text;

namespace Gateway.Mcp.Matching;

/// <summary>
/// Whether there is any text that some sets all have and others have not. Exact: all wildcards are followed through one text at once, character by character, over the
/// characters that occur in them and one that does not; what has been looked at is not looked at again.
/// </summary>
internal static class ValueSearch
{
    /// <summary>Most combinations that are looked at. Beyond, the answer is that there may be one.</summary>
    public const int MostStates = 5_000;

    // A segment '..': at the beginning or behind a slash, and before a slash or the end.
    private static readonly Wildcard[] _climbing = [.. from before in (string[])["", "*/", "*\\"] from after in (string[])["", "/*", "\\*"] select new Wildcard(before + ".." + after)];

    /// <summary>Whether there is a text.</summary>
    /// <param name="all">Sets that must have it, safely.</param>
    /// <param name="none">Sets that must not.</param>
    public static bool Exists(IReadOnlyList<ValueSet> all, IReadOnlyList<ValueSet> none)
    {
        if (all.FirstOrDefault(static s => s.Patterns.All(static p => p.IsLiteral)) is { } few)
        {
            return few.Patterns.Any(p => Fits(p.Text, all, none));
        }

        var run = new Run(all, none);
        return run.Search();
    }

    private static bool Fits(string text, IReadOnlyList<ValueSet> all, IReadOnlyList<ValueSet> none) => all.All(s => s.HasSafely(text)) && !none.Any(s => s.Has(text));

    private sealed class Run
    {
        private readonly IReadOnlyList<ValueSet> _all;
        private readonly IReadOnlyList<ValueSet> _none;
        private readonly Wildcard[] _patterns;
        private readonly int _firstClimbing;
        private readonly char[] _alphabet;

        public Run(IReadOnlyList<ValueSet> all, IReadOnlyList<ValueSet> none)
        {
            (_all, _none) = (all, none);
            var patterns = all.Concat(none).SelectMany(static s => s.Patterns).ToList();
            _firstClimbing = patterns.Count;

            // Only where a climbing path is something else than any other text.
            if (all.Any(static s => s.Patterns.Any(static p => p.IsPath)))
            {
                patterns.AddRange(_climbing);
            }

            _patterns = [.. patterns];
            var used = _patterns.SelectMany(static p => p.Text).Where(static c => c != '*').ToHashSet();
            var other = Enumerable.Range('a', char.MaxValue - 'a').Select(static c => (char)c).First(c => !used.Contains(c) && !char.IsSurrogate(c));

            // '*' itself is a character like others in a value.
            _alphabet = [.. used, other];
        }

        public bool Search()
        {
            var start = Array.ConvertAll(_patterns, static p => Spread(p.Text, [0]));
            var seen = new HashSet<string>(StringComparer.Ordinal) { Name(start) };
            var open = new Queue<int[][]>([start]);
            while (open.TryDequeue(out var state))
            {
                if (Accepts(state) || seen.Count > MostStates)
                {
                    return true;
                }

                foreach (var character in _alphabet)
                {
                    var next = new int[state.Length][];
                    for (var i = 0; i < next.Length; i++)
                    {
                        next[i] = Step(_patterns[i].Text, state[i], character);
                    }

                    if (!IsDead(next) && seen.Add(Name(next)))
                    {
                        open.Enqueue(next);
                    }
                }
            }

            return false;
        }

        // The places within a wildcard at which one may be after some text.
        private static int[] Step(string pattern, int[] places, char character)
        {
            var next = new List<int>(places.Length + 1);
            foreach (var place in places)
            {
                if (place < pattern.Length && pattern[place] == '*')
                {
                    next.Add(place);
                }
                else if (place < pattern.Length && pattern[place] == character)
                {
                    next.Add(place + 1);
                }
            }

            return Spread(pattern, next);
        }

        private static int[] Spread(string pattern, List<int> places)
        {
            var spread = new SortedSet<int>();
            foreach (var from in places)
            {
                var place = from;
                spread.Add(place);
                while (place < pattern.Length && pattern[place] == '*')
                {
                    spread.Add(++place);
                }
            }

            // Behind a star nothing before it matters any more: it can do all that they could.
            var last = -1;
            foreach (var place in spread)
            {
                last = place < pattern.Length && pattern[place] == '*' ? place : last;
            }

            return [.. spread.Where(p => p >= last)];
        }

        private bool Accepts(int[][] state)
        {
            var climbs = false;
            for (var i = _firstClimbing; i < _patterns.Length && !climbs; i++)
            {
                climbs = IsAtEnd(i, state);
            }

            var at = 0;
            foreach (var set in _all)
            {
                var has = false;
                foreach (var pattern in set.Patterns)
                {
                    has |= IsAtEnd(at++, state) && !(climbs && pattern.IsPath);
                }

                if (!has)
                {
                    return false;
                }
            }

            foreach (var set in _none)
            {
                foreach (var _ in set.Patterns)
                {
                    if (IsAtEnd(at++, state))
                    {
                        return false;
                    }
                }
            }

            return true;
        }

        // Some set that must have the text can have it no more.
        private bool IsDead(int[][] state)
        {
            var at = 0;
            foreach (var set in _all)
            {
                var lives = false;
                foreach (var _ in set.Patterns)
                {
                    lives |= state[at++].Length > 0;
                }

                if (!lives)
                {
                    return true;
                }
            }

            return false;
        }

        private bool IsAtEnd(int pattern, int[][] state) => state[pattern] is [.., var last] && last == _patterns[pattern].Text.Length;

        private static string Name(int[][] state)
        {
            var name = new StringBuilder();
            foreach (var places in state)
            {
                foreach (var place in places)
                {
                    name.Append((char)place);
                }

                name.Append('\uFFFF');
            }

            return name.ToString();
        }
    }
}
