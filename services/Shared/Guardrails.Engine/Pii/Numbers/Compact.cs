namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Letters and digits from a word on, in capitals and without what separates them, with where each word of them ends.</summary>
internal ref struct Compact
{
    public const int Longest = 36;

    private readonly Span<char> _text;
    private readonly Span<int> _ends;
    private readonly Span<int> _lengths;

    public Compact(Span<char> text, Span<int> ends, Span<int> lengths)
    {
        _text = text;
        _ends = ends;
        _lengths = lengths;
    }

    /// <summary>How many words.</summary>
    public int Words { get; private set; }

    public readonly ReadOnlySpan<char> UpTo(int words) => _text[..LengthOf(words)];

    public readonly int LengthOf(int words) => _lengths[words - 1];

    public readonly int EndOf(int words) => _ends[words - 1];

    public void Read(in PiiScan scan)
    {
        var length = 0;
        for (var i = scan.Index; Words < _ends.Length && scan.TryToken(i, out var token); i++)
        {
            if (Words > 0 && !IsJoint(scan.Text[_ends[Words - 1]..token.Start]))
            {
                return;
            }

            if (length + token.Length > Longest)
            {
                return;
            }

            foreach (var c in scan.Of(token))
            {
                if (!char.IsAsciiLetterOrDigit(c))
                {
                    return;
                }

                _text[length++] = char.ToUpperInvariant(c);
            }

            _ends[Words] = token.End;
            _lengths[Words] = length;
            Words++;
        }
    }

    private static bool IsJoint(ReadOnlySpan<char> between) => between.Length == 1 && between[0] is ' ' or '-' or '.' or '/' or '\u00a0' or '+';
}
