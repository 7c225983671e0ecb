namespace Gateway.Routing.Rules;

/// <summary>
/// Parses an expression by recursive descent: <c>||</c> binds least, then <c>&amp;&amp;</c>, then <c>!</c>, then one comparison. Depth and lengths are bounded, and the
/// first problem ends it.
/// </summary>
internal sealed class Parser(List<Token> tokens)
{
    private const int MostDepth = 32;
    private const int MostItems = 200;

    private int _at;
    private int _depth;
    private RuleProblem? _problem;

    private Token Current => tokens[_at];

    public (BoolNode? Condition, RuleProblem? Problem) Parse()
    {
        var start = Current;
        var node = Or();
        if (_problem is null && Current.Kind != TokenKind.End)
        {
            Fail(Current, $"{Current.Shown} is left over. Conditions are joined by && and ||.");
        }

        if (_problem is null && node is not BoolNode)
        {
            Fail(start, $"This is {Name(node!.Type)}, and a condition must be true or false. Compare it, for example with ==.");
        }

        return _problem is null ? ((BoolNode)node!, null) : (null, _problem);
    }

    private Node? Or()
    {
        var left = And();
        while (_problem is null && IsSymbol("||"))
        {
            left = Join(left, static (a, b) => new Either(a, b), And);
        }

        return left;
    }

    private Node? And()
    {
        var left = Negation();
        while (_problem is null && IsSymbol("&&"))
        {
            left = Join(left, static (a, b) => new Both(a, b), Negation);
        }

        return left;
    }

    private BoolNode? Join(Node? left, Func<BoolNode, BoolNode, BoolNode> make, Func<Node?> next)
    {
        var op = Take();
        var right = next();
        if (_problem is not null)
        {
            return null;
        }

        return left is BoolNode a && right is BoolNode b
            ? make(a, b)
            : Fail<BoolNode>(op, $"'{op.Value}' takes two conditions, but one side is {Name((left is BoolNode ? right : left)!.Type)}.");
    }

    private Node? Negation()
    {
        if (!IsSymbol("!"))
        {
            return Comparison();
        }

        var op = Take();
        if (!Enter())
        {
            return null;
        }

        var inner = Negation();
        _depth--;
        return _problem is not null ? null
            : inner is BoolNode condition ? new Not(condition)
            : Fail<Node>(op, $"'!' takes a condition, not {Name(inner!.Type)}.");
    }

    private Node? Comparison()
    {
        var left = Primary();
        if (_problem is not null || !Comparisons.IsOperator(Current))
        {
            return left;
        }

        var op = Take();
        var right = Primary();
        if (_problem is not null)
        {
            return null;
        }

        if (Comparisons.Make(op.Value, left!, right!) is { } made)
        {
            return Comparisons.IsOperator(Current)
                ? Fail<Node>(Current, "Comparisons cannot be chained; join two by &&.")
                : made;
        }

        return Fail<Node>(op, $"'{op.Value}' takes {Comparisons.Takes(op.Value)}, not {Name(left!.Type)} and {Name(right!.Type)}.");
    }

    private Node? Primary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Text:
                return new TextConstant(token.Value);
            case TokenKind.Number:
                return new NumberConstant(token.Number);
            case TokenKind.Symbol when token.Value == "-" && Current.Kind == TokenKind.Number:
                return new NumberConstant(-Take().Number);
            case TokenKind.Symbol when token.Value == "(":
                return Parenthesis();
            case TokenKind.Symbol when token.Value == "[":
                return List(token);
            case TokenKind.Word:
                return Named(token);
            default:
                return Fail<Node>(token, $"A value is expected here, not {token.Shown}. Legal: a text in quotes, a number, a list in [ ], {Vocabulary.Names}.");
        }
    }

    private Node? Parenthesis()
    {
        if (!Enter())
        {
            return null;
        }

        var inner = Or();
        _depth--;
        return Expect(")") ? inner : null;
    }

    private Node? Named(Token word)
    {
        if (IsSymbol("["))
        {
            Take();
            var name = Take();
            if (name.Kind != TokenKind.Text)
            {
                return Fail<Node>(name, $"A name in quotes is expected in {word.Value}[ ].");
            }

            return !Expect("]") ? null
                : Vocabulary.Member(word.Value, name.Value) ?? Fail<Node>(word, $"'{word.Value}' has no members. Legal: header, metadata, attribute.");
        }

        if (IsSymbol("("))
        {
            Take();
            if (!Enter())
            {
                return null;
            }

            var argument = Or();
            _depth--;
            if (_problem is not null || !Expect(")"))
            {
                return null;
            }

            return Vocabulary.Call(word.Value, argument!, out var wrong) ?? Fail<Node>(word, wrong!);
        }

        return Vocabulary.Fact(word.Value) ?? Fail<Node>(word, $"'{word.Value}' is not known. Texts stand in quotes. Legal: {Vocabulary.Names}.");
    }

    private Node? List(Token open)
    {
        var texts = new List<string>();
        var numbers = new List<double>();
        while (!IsSymbol("]"))
        {
            var item = Take();
            switch (item.Kind)
            {
                case TokenKind.Text:
                    texts.Add(item.Value);
                    break;
                case TokenKind.Number:
                    numbers.Add(item.Number);
                    break;
                case TokenKind.Symbol when item.Value == "-" && Current.Kind == TokenKind.Number:
                    numbers.Add(-Take().Number);
                    break;
                default:
                    return Fail<Node>(item, $"A list holds texts in quotes or numbers, not {item.Shown}.");
            }

            if (texts.Count + numbers.Count > MostItems)
            {
                return Fail<Node>(item, $"A list has at most {MostItems} items.");
            }

            if (!IsSymbol("]") && !Expect(","))
            {
                return null;
            }
        }

        Take();
        return (texts.Count, numbers.Count) switch
        {
            ( > 0, > 0) => Fail<Node>(open, "A list holds either texts or numbers, not both."),
            (0, > 0) => new NumberList([.. numbers]),
            _ => new TextList([.. texts]),
        };
    }

    private bool Enter()
    {
        if (++_depth <= MostDepth)
        {
            return true;
        }

        Fail(Current, $"This is nested deeper than {MostDepth} levels.");
        return false;
    }

    private bool IsSymbol(string symbol) => Current.Kind == TokenKind.Symbol && Current.Value == symbol;

    private bool Expect(string symbol)
    {
        if (_problem is not null)
        {
            return false;
        }

        if (IsSymbol(symbol))
        {
            Take();
            return true;
        }

        Fail(Current, $"'{symbol}' is expected here, not {Current.Shown}.");
        return false;
    }

    private Token Take() => Current.Kind == TokenKind.End ? Current : tokens[_at++];

    private void Fail(Token at, string message) => _problem ??= new RuleProblem(at.Position + 1, message);

    private T? Fail<T>(Token at, string message)
        where T : Node
    {
        Fail(at, message);
        return null;
    }

    private static string Name(RuleType type) => type switch
    {
        RuleType.Bool => "a truth value",
        RuleType.Number => "a number",
        RuleType.Text => "a text",
        _ => "a list",
    };
}
