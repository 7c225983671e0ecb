namespace Gateway.Starlark.Syntax;

internal enum TokenKind
{
    End,
    NewLine,
    Indent,
    Dedent,
    Name,
    Keyword,
    Symbol,
    Integer,
    Float,
    Text,
    FormattedText,
}

/// <summary>One token. <see cref="Text"/> is the name, keyword, symbol or content; <see cref="Value"/> a number.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, object? Value, int Line, int Column)
{
    public bool Is(string text) => Kind is TokenKind.Symbol or TokenKind.Keyword && Text == text;
}
