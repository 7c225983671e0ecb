using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Syntax;

internal sealed partial class Parser
{
    // From loose to tight; comparisons, not, and, or stand above.
    private static readonly string[][] _binary = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%", "@"]];

    /// <summary>The one expression of a formatted text's braces.</summary>
    private static Expression Embedded(string source, int line, int column, int nesting)
    {
        var parser = new Parser(new Lexer(source, line, column).Expression()) { nesting = nesting };
        var value = parser.TestList();
        return parser.Current.Kind == TokenKind.End ? value : throw parser.Error($"{parser.Shown()} is not expected inside the braces of a text.");
    }

    /// <summary>One expression, or several with commas, which are a tuple.</summary>
    private Expression TestList()
    {
        var (line, column) = (Current.Line, Current.Column);
        var first = TestOrStar();
        if (!Current.Is(","))
        {
            return first is Starred ? throw ScriptException.Syntax(line, column, "A star does not belong here.") : first;
        }

        var items = new List<Expression> { first };
        while (TakeIf(",") && !EndsList())
        {
            items.Add(TestOrStar());
        }

        return new CollectionExpression(CollectionKind.Tuple, items) { Line = line, Column = column };
    }

    private bool EndsList() => Current.Kind is TokenKind.NewLine or TokenKind.End || Current.Text is ")" or "]" or "}" or "=" or ":" or ";" or "in";

    private Expression TestOrStar()
    {
        var token = Current;
        return TakeIf("*") ? new Starred(Binary(0), isDouble: false) { Line = token.Line, Column = token.Column } : Test();
    }

    /// <summary>The targets of a loop: no <c>in</c> belongs to them.</summary>
    private Expression TargetList()
    {
        var (line, column) = (Current.Line, Current.Column);
        var items = new List<Expression> { Primary() };
        var isTuple = false;
        while (TakeIf(","))
        {
            isTuple = true;
            if (Current.Is("in"))
            {
                break;
            }

            items.Add(Primary());
        }

        Expression target = isTuple ? new CollectionExpression(CollectionKind.Tuple, items) { Line = line, Column = column } : items[0];
        CheckTarget(target);
        return target;
    }

    private Expression Test()
    {
        Nest();
        var token = Current;
        Expression value;
        if (token.Is("lambda"))
        {
            Take();
            var parameters = Parameters(":", canAnnotate: false);
            ExpectText(":");
            var body = Test();
            value = new LambdaExpression(new FunctionNode("lambda", parameters, [new ReturnStatement(body) { Line = body.Line, Column = body.Column }]) { Line = token.Line, Column = token.Column }) { Line = token.Line, Column = token.Column };
        }
        else
        {
            value = Or();
            if (TakeIf("if"))
            {
                var condition = Or();
                ExpectText("else");
                value = new ConditionalExpression(condition, value, Test()) { Line = token.Line, Column = token.Column };
            }
        }

        nesting--;
        return value;
    }

    private Expression Or()
    {
        var left = And();
        while (Current.Is("or"))
        {
            var token = Take();
            left = new LogicalExpression(isAnd: false, left, And()) { Line = token.Line, Column = token.Column };
        }

        return left;
    }

    private Expression And()
    {
        var left = Not();
        while (Current.Is("and"))
        {
            var token = Take();
            left = new LogicalExpression(isAnd: true, left, Not()) { Line = token.Line, Column = token.Column };
        }

        return left;
    }

    private Expression Not()
    {
        if (!Current.Is("not"))
        {
            return Comparison();
        }

        var token = Take();
        Nest();
        var operand = Not();
        nesting--;
        return new UnaryExpression("not", operand) { Line = token.Line, Column = token.Column };
    }

    private Expression Comparison()
    {
        var first = Binary(0);
        List<(string, Expression)>? rest = null;
        var token = Current;
        while (ComparisonOperator() is { } op)
        {
            (rest ??= []).Add((op, Binary(0)));
        }

        return rest is null ? first : new ComparisonExpression(first, rest) { Line = token.Line, Column = token.Column };
    }

    private string? ComparisonOperator()
    {
        if (Current.Kind == TokenKind.Symbol && Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
        {
            return Take().Text;
        }

        if (TakeIf("in"))
        {
            return "in";
        }

        if (Current.Is("not") && tokens[position + 1].Is("in"))
        {
            position += 2;
            return "not in";
        }

        return !TakeIf("is") ? null : TakeIf("not") ? "is not" : "is";
    }

    private Expression Binary(int level)
    {
        if (level == _binary.Length)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (Current.Kind == TokenKind.Symbol && Array.IndexOf(_binary[level], Current.Text) >= 0)
        {
            var token = Take();
            if (token.Text == "@")
            {
                throw ScriptException.Syntax(token.Line, token.Column, "There are no matrices and decorators.");
            }

            left = new BinaryExpression(token.Text, left, Binary(level + 1)) { Line = token.Line, Column = token.Column };
        }

        return left;
    }

    private Expression Unary()
    {
        var token = Current;
        if (token.Kind == TokenKind.Symbol && token.Text is "-" or "+" or "~")
        {
            Take();
            Nest();
            var operand = Unary();
            nesting--;
            return new UnaryExpression(token.Text, operand) { Line = token.Line, Column = token.Column };
        }

        // Tools answer before the next line runs, so there is nothing to wait for.
        TakeIf("await");
        var value = Primary();
        if (!Current.Is("**"))
        {
            return value;
        }

        var power = Take();
        Nest();
        var exponent = Unary();
        nesting--;
        return new BinaryExpression("**", value, exponent) { Line = power.Line, Column = power.Column };
    }

    private Expression Primary()
    {
        var value = Atom();
        while (Current.Kind == TokenKind.Symbol)
        {
            var token = Current;
            if (TakeIf("."))
            {
                value = new AttributeExpression(value, Expect(TokenKind.Name, "a name").Text) { Line = token.Line, Column = token.Column };
            }
            else if (TakeIf("("))
            {
                value = new CallExpression(value, Arguments()) { Line = token.Line, Column = token.Column };
            }
            else if (TakeIf("["))
            {
                value = new IndexExpression(value, Subscript()) { Line = token.Line, Column = token.Column };
                ExpectText("]");
            }
            else
            {
                break;
            }
        }

        return value;
    }

    private Expression Subscript()
    {
        var token = Current;
        var start = Current.Is(":") ? null : TestList();
        if (!TakeIf(":"))
        {
            return start!;
        }

        var stop = Current.Text is ":" or "]" ? null : Test();
        var step = TakeIf(":") && !Current.Is("]") ? Test() : null;
        return new SliceExpression(start, stop, step) { Line = token.Line, Column = token.Column };
    }

    private List<Argument> Arguments()
    {
        var arguments = new List<Argument>();
        while (!TakeIf(")"))
        {
            var token = Current;
            if (token.Is("*") || token.Is("**"))
            {
                Take();
                arguments.Add(new Argument(null, new Starred(Test(), token.Is("**")) { Line = token.Line, Column = token.Column }));
            }
            else if (token.Kind == TokenKind.Name && tokens[position + 1].Is("="))
            {
                position += 2;
                if (arguments.Exists(a => a.Name == token.Text))
                {
                    throw ScriptException.Syntax(token.Line, token.Column, $"The argument {token.Text} is given twice.");
                }

                arguments.Add(new Argument(token.Text, Test()));
            }
            else
            {
                var value = Test();
                if (Current.Is("for") || Current.Is("async"))
                {
                    value = Comprehension(CollectionKind.List, value, null, token);
                }

                if (arguments.Exists(static a => a.Name is not null || a.Value is Starred { IsDouble: true }))
                {
                    throw ScriptException.Syntax(token.Line, token.Column, "An argument without a name stands after one with a name.");
                }

                arguments.Add(new Argument(null, value));
            }

            if (!TakeIf(","))
            {
                ExpectText(")");
                break;
            }
        }

        return arguments;
    }

    private List<Parameter> Parameters(string end, bool canAnnotate)
    {
        var parameters = new List<Parameter>();
        var kind = ParameterKind.Plain;
        while (!Current.Is(end))
        {
            var token = Current;
            if (TakeIf("/"))
            {
                // That what stands before it has no names is of no use here.
            }
            else if (TakeIf("**"))
            {
                parameters.Add(new Parameter(Name(Expect(TokenKind.Name, "a name")), ParameterKind.Named, null));
            }
            else if (TakeIf("*"))
            {
                if (Current.Kind == TokenKind.Name)
                {
                    parameters.Add(new Parameter(Name(Take()), ParameterKind.Rest, null));
                }

                kind = ParameterKind.NameOnly;
            }
            else
            {
                var name = Name(Expect(TokenKind.Name, "the name of a parameter"));
                if (canAnnotate && TakeIf(":"))
                {
                    Test();
                }

                var value = TakeIf("=") ? Test() : null;
                if (value is null && kind == ParameterKind.Plain && parameters.Exists(static p => p.Default is not null))
                {
                    throw ScriptException.Syntax(token.Line, token.Column, "A parameter without a default stands after one with a default.");
                }

                parameters.Add(new Parameter(name, kind, value));
            }

            if (parameters.Count > 0 && parameters.FindIndex(p => p.Name.Name == parameters[^1].Name.Name) != parameters.Count - 1)
            {
                throw ScriptException.Syntax(token.Line, token.Column, $"The parameter {parameters[^1].Name.Name} is there twice.");
            }

            if (!TakeIf(","))
            {
                break;
            }
        }

        return parameters;
    }
}
