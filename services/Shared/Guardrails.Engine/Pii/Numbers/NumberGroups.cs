namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Groups of digits from a place on, with what separates them.</summary>
internal ref struct NumberGroups
{
    public const int MostGroups = 10;
    public const int MostDigits = 24;

    private readonly Span<char> _digits;
    private readonly Span<int> _starts;
    private readonly Span<int> _ends;
    private readonly Span<int> _counts;

    public NumberGroups(Span<char> digits, Span<int> starts, Span<int> ends, Span<int> counts)
    {
        _digits = digits;
        _starts = starts;
        _ends = ends;
        _counts = counts;
    }

    public int Count { get; private set; }

    /// <summary>What follows the last group.</summary>
    public char Next { get; private set; }

    public readonly int Start(int group) => _starts[group];

    public readonly int End(int group) => _ends[group];

    public readonly int Size(int group) => _ends[group] - _starts[group];

    /// <summary>The digits of the first groups together.</summary>
    public readonly ReadOnlySpan<char> Digits(int groups) => _digits[.._counts[groups - 1]];

    public readonly ReadOnlySpan<char> Group(int group) => _digits[(group == 0 ? 0 : _counts[group - 1]).._counts[group]];

    /// <summary>Whether the groups are of these sizes.</summary>
    public readonly bool AreSized(params ReadOnlySpan<int> sizes)
    {
        if (Count < sizes.Length)
        {
            return false;
        }

        for (var i = 0; i < sizes.Length; i++)
        {
            if (Size(i) != sizes[i])
            {
                return false;
            }
        }

        return true;
    }

    public readonly ReadOnlySpan<char> Between(in PiiScan scan, int group) => scan.Text[_ends[group].._starts[group + 1]];

    /// <summary>Whether one and the same character separates the first groups.</summary>
    public readonly bool AreJoinedBy(in PiiScan scan, int groups, char joint)
    {
        for (var i = 0; i < groups - 1; i++)
        {
            if (Between(scan, i) is not [var c] || c != joint)
            {
                return false;
            }
        }

        return true;
    }

    public void Read(in PiiScan scan)
    {
        var (at, total) = (scan.First.Start, 0);
        while (Count < MostGroups)
        {
            var start = at;
            while (char.IsAsciiDigit(scan.At(at)) && total < MostDigits)
            {
                _digits[total++] = scan.At(at++);
            }

            if (at == start)
            {
                break;
            }

            (_starts[Count], _ends[Count], _counts[Count]) = (start, at, total);
            Count++;
            var c = scan.At(at);
            if (char.IsAsciiDigit(c) || char.IsLetter(c))
            {
                break;
            }

            // Up to two separators: «) », « (» and the like.
            var next = at;
            while (next - at < 2 && scan.At(next) is ' ' or '-' or '.' or '/' or '(' or ')' or '\u00a0' or '‑' or '–')
            {
                next++;
            }

            if (next == at || !char.IsAsciiDigit(scan.At(next)))
            {
                break;
            }

            at = next;
        }

        Next = Count == 0 ? '\0' : scan.At(_ends[Count - 1]);
    }
}
