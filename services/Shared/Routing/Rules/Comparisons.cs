namespace Gateway.Routing.Rules;

/// <summary>The operators that turn two values into a truth value.</summary>
internal static class Comparisons
{
    public static bool IsOperator(in Token token) =>
        token is { Kind: TokenKind.Symbol, Value: "==" or "!=" or "<" or "<=" or ">" or ">=" }
        or { Kind: TokenKind.Word, Value: "in" or "startsWith" or "endsWith" or "contains" or "matches" };

    /// <summary>The comparison, or null when the types do not fit.</summary>
    public static BoolNode? Make(string op, Node left, Node right) => (left, right) switch
    {
        (TextNode a, TextNode b) => Texts(op, a, b),
        (NumberNode a, NumberNode b) => Numbers(op, a, b),
        (BoolNode a, BoolNode b) when op == "==" => new BoolOf(f => a.Value(f) == b.Value(f)),
        (BoolNode a, BoolNode b) when op == "!=" => new BoolOf(f => a.Value(f) != b.Value(f)),
        (TextNode a, TextList b) when op == "in" => new BoolOf(f => b.Has(a.Value(f))),
        (NumberNode a, NumberList b) when op == "in" => new BoolOf(f => b.Has(a.Value(f))),
        (TextList a, TextNode b) when op == "contains" => new BoolOf(f => a.Has(b.Value(f))),
        (NumberList a, NumberNode b) when op == "contains" => new BoolOf(f => a.Has(b.Value(f))),
        _ => null,
    };

    public static string Takes(string op) => op switch
    {
        "==" or "!=" => "two texts, two numbers or two truth values",
        "<" or "<=" or ">" or ">=" => "two numbers or two texts",
        "in" => "a text or number and a list of the same",
        "contains" => "two texts, or a list and one of its kind",
        _ => "two texts",
    };

    private static BoolNode? Texts(string op, TextNode a, TextNode b) => op switch
    {
        "==" => new BoolOf(f => string.Equals(a.Value(f), b.Value(f), StringComparison.Ordinal)),
        "!=" => new BoolOf(f => !string.Equals(a.Value(f), b.Value(f), StringComparison.Ordinal)),
        "<" => new BoolOf(f => string.CompareOrdinal(a.Value(f), b.Value(f)) < 0),
        "<=" => new BoolOf(f => string.CompareOrdinal(a.Value(f), b.Value(f)) <= 0),
        ">" => new BoolOf(f => string.CompareOrdinal(a.Value(f), b.Value(f)) > 0),
        ">=" => new BoolOf(f => string.CompareOrdinal(a.Value(f), b.Value(f)) >= 0),
        "startsWith" => new BoolOf(f => a.Value(f).StartsWith(b.Value(f), StringComparison.Ordinal)),
        "endsWith" => new BoolOf(f => a.Value(f).EndsWith(b.Value(f), StringComparison.Ordinal)),
        "contains" => new BoolOf(f => a.Value(f).Contains(b.Value(f), StringComparison.Ordinal)),
        "matches" => new BoolOf(f => Glob.IsMatch(a.Value(f), b.Value(f))),
        _ => null,
    };

    private static BoolNode? Numbers(string op, NumberNode a, NumberNode b) => op switch
    {
        "==" => new BoolOf(f => a.Value(f).Equals(b.Value(f))),
        "!=" => new BoolOf(f => !a.Value(f).Equals(b.Value(f))),
        "<" => new BoolOf(f => a.Value(f) < b.Value(f)),
        "<=" => new BoolOf(f => a.Value(f) <= b.Value(f)),
        ">" => new BoolOf(f => a.Value(f) > b.Value(f)),
        ">=" => new BoolOf(f => a.Value(f) >= b.Value(f)),
        _ => null,
    };
}
