namespace Gateway.Guardrails.Engine.Regexes;

/// <summary>How long a match of a pattern can be. What it does not understand it takes to be unbounded.</summary>
internal static class PatternLength
{
    private const int Unbounded = int.MaxValue;

    /// <summary>Most characters of a match; <see cref="int.MaxValue"/> where there is no bound.</summary>
    public static int Most(string pattern)
    {
        var at = 0;
        var length = Alternatives(pattern, ref at, 0);
        return at == pattern.Length ? (int)Math.Min(length, Unbounded) : Unbounded;
    }

    private static long Alternatives(string pattern, ref int at, int depth)
    {
        var (longest, current) = (0L, 0L);
        while (at < pattern.Length && pattern[at] != ')')
        {
            if (pattern[at] == '|')
            {
                at++;
                (longest, current) = (Math.Max(longest, current), 0);
                continue;
            }

            var piece = Piece(pattern, ref at, depth);
            current += piece >= Unbounded ? Unbounded : piece * Times(pattern, ref at);
        }

        return Math.Max(longest, current);
    }

    private static long Piece(string pattern, ref int at, int depth)
    {
        var c = pattern[at++];
        switch (c)
        {
            case '^' or '$':
                return 0;
            case '[':
                at += at < pattern.Length && pattern[at] == '^' ? 1 : 0;
                at += at < pattern.Length && pattern[at] == ']' ? 1 : 0;
                while (at < pattern.Length && pattern[at] != ']')
                {
                    at += pattern[at] == '\\' ? 2 : 1;
                }

                at++;
                return 1;
            case '(':
                return Group(pattern, ref at, depth);
            case '\\':
                return Escape(pattern, ref at);
            default:
                return 1;
        }
    }

    private static long Group(string pattern, ref int at, int depth)
    {
        if (depth > 50)
        {
            at = pattern.Length + 1;
            return Unbounded;
        }

        if (at < pattern.Length && pattern[at] == '?')
        {
            // «(?:», «(?i)», «(?i:», «(?<name>»
            while (at < pattern.Length && pattern[at] is not (':' or ')' or '>' or '='))
            {
                at++;
            }

            if (at < pattern.Length && pattern[at] == ')')
            {
                at++;
                return 0;
            }

            at++;
        }

        var length = Alternatives(pattern, ref at, depth + 1);
        at++;
        return length;
    }

    private static long Escape(string pattern, ref int at)
    {
        var c = at < pattern.Length ? pattern[at++] : '\\';
        switch (c)
        {
            case 'b' or 'B' or 'A' or 'Z' or 'z' or 'G':
                return 0;
            case 'x':
                at += 2;
                return 1;
            case 'u':
                at += 4;
                return 1;
            case 'p' or 'P' when at < pattern.Length && pattern[at] == '{':
                at = pattern.IndexOf('}', at) + 1;
                at = at == 0 ? pattern.Length : at;
                return 1;
            default:
                return 1;
        }
    }

    private static long Times(string pattern, ref int at)
    {
        var times = 1L;
        while (at < pattern.Length && pattern[at] is '*' or '+' or '?' or '{')
        {
            var c = pattern[at];
            if (c == '{')
            {
                var end = pattern.IndexOf('}', at);
                if (end < 0 || pattern.AsSpan(at + 1, end - at - 1).ContainsAnyExcept("0123456789,"))
                {
                    return times;
                }

                var range = pattern[(at + 1)..end].Split(',');
                times *= int.TryParse(range[^1], out var most) ? most : Unbounded;
                at = end + 1;
            }
            else
            {
                times *= c == '?' ? 1 : Unbounded;
                at++;
            }

            // «??», «*?» and the like: the sign of a lazy one.
            at += at < pattern.Length && pattern[at] == '?' ? 1 : 0;
        }

        return Math.Min(times, Unbounded);
    }
}
