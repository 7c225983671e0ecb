namespace Gateway.Routing.Rules;

internal enum TokenKind
{
    End,
    Text,
    Number,
    Word,
    Symbol,
}

/// <summary>One word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">A text's value, a word, or a symbol.</param>
/// <param name="Number">A number's value.</param>
/// <param name="Position">Index of its first character.</param>
internal readonly record struct Token(TokenKind Kind, string Value, double Number, int Position)
{
    public string Shown => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => $"the text \"{Value}\"",
        _ => $"'{Value}'",
    };
}
