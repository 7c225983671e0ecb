using System.Collections.Frozen;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>The words of a text, lent out one list at a time to each thread. They hold places and classes, no text.</summary>
internal sealed class Tokens
{
    private const int Kept = 1 << 16;

    [ThreadStatic]
    private static Tokens? _spare;

    public List<Token> Items { get; } = new(1024);

    /// <summary>What is looked for.</summary>
    public FrozenSet<string> Kinds { get; set; } = FrozenSet<string>.Empty;

    /// <summary>Whether something was asked that only text that is still to come can answer.</summary>
    public bool NeedsMore { get; set; }

    public static Tokens Rent()
    {
        var tokens = _spare ?? new Tokens();
        _spare = null;
        tokens.Items.Clear();
        return tokens;
    }

    public static void Return(Tokens tokens)
    {
        if (tokens.Items.Capacity <= Kept)
        {
            _spare = tokens;
        }
    }
}
