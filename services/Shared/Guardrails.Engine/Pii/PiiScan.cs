namespace Gateway.Guardrails.Engine.Pii;

/// <summary>
/// The text as the recognizers see it, from one word on. Whatever they look at ahead goes through here, so that it is known when a decision depends on text that is not
/// there yet; and it ends a fixed distance ahead, so that what they find depends on that much text and no more.
/// </summary>
internal readonly ref struct PiiScan
{
    /// <summary>How far back words count.</summary>
    public const int Behind = 100;

    /// <summary>How far ahead of a word a finding that begins with it may reach and look.</summary>
    public const int Ahead = 320;

    private readonly bool _isComplete;
    private readonly Tokens _tokens;
    private readonly ReadOnlySpan<Token> _items;
    private readonly int _limit;

    public PiiScan(ReadOnlySpan<char> text, bool isComplete, Tokens tokens, ReadOnlySpan<Token> items, int index, int floor)
    {
        Text = text;
        Index = index;
        Floor = floor;
        _isComplete = isComplete;
        _tokens = tokens;
        _items = items;
        _limit = items[index].Start + Ahead;
        tokens.NeedsMore = false;
    }

    public ReadOnlySpan<char> Text { get; }

    /// <summary>Which word it begins with.</summary>
    public int Index { get; }

    /// <summary>Before this everything is told.</summary>
    public int Floor { get; }

    public ref readonly Token First => ref _items[Index];

    /// <summary>A character; 0 where there is none.</summary>
    public char At(int at)
    {
        if (at >= _limit || at < 0)
        {
            return '\0';
        }

        if (at >= Text.Length)
        {
            _tokens.NeedsMore |= !_isComplete;
            return '\0';
        }

        return Text[at];
    }

    /// <summary>A word ahead, or the first one; false where there is none.</summary>
    public bool TryToken(int index, out Token token)
    {
        if (index >= _items.Length)
        {
            _tokens.NeedsMore |= !_isComplete && Text.Length < _limit;
            token = default;
            return false;
        }

        token = _items[index];
        if (token.Start >= _limit)
        {
            token = default;
            return false;
        }

        if (token.End == Text.Length && !_isComplete)
        {
            _tokens.NeedsMore = true;
            token = default;
            return false;
        }

        return true;
    }

    /// <summary>A word before the first one; false where it is too far back to count.</summary>
    public bool TryBefore(int index, out Token token)
    {
        if (index >= 0)
        {
            ref readonly var before = ref _items[index];
            if (before.Start > _items[Index].Start - Behind && before.Length < Behind && (before.Start == 0 || !Tokenizer.IsWord(Text[before.Start - 1])))
            {
                token = before;
                return true;
            }
        }

        token = default;
        return false;
    }

    /// <summary>What the words before the first one say, the nearest ones up to a number of them.</summary>
    public Cue CuesBefore(int words = 12)
    {
        var cue = Cue.None;
        for (var i = Index - 1; i >= Index - words && TryBefore(i, out var token); i--)
        {
            cue |= token.Cue;
        }

        return cue;
    }

    /// <summary>The better of two matches; kinds that nobody asked for are none, so that they hide nothing.</summary>
    public PiiMatch Better(PiiMatch one, PiiMatch other) => Wants(other.Kind) ? PiiMatch.Better(one, other) : one;

    public bool Wants(string? kind) => kind is not null && _tokens.Kinds.Contains(kind);

    public ReadOnlySpan<char> Of(in Token token) => Text[token.Start..token.End];

    /// <summary>What stands between two words.</summary>
    public ReadOnlySpan<char> Between(in Token left, in Token right) => Text[left.End..right.Start];
}
