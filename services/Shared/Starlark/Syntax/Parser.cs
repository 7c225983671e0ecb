using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Syntax;

/// <summary>
/// Reads a program by recursive descent. The language is Starlark (https://github.com/bazelbuild/starlark/blob/master/spec.md) without <c>load</c>, and with what programs written by
/// models contain all the time: formatted texts, <c>while</c>, <c>is</c>, chained comparisons, <c>try</c>/<c>except</c>, <c>raise</c>, <c>del</c>, <c>global</c>.
/// </summary>
internal sealed partial class Parser(List<Token> tokens)
{
    private const int MaxNesting = 100;

    private int position;
    private int nesting;
    private int loops;
    private int functions;

    private Token Current => tokens[position];

    public static FunctionNode Program(string source)
    {
        var parser = new Parser(new Lexer(source).Program());
        var body = new List<Statement>();
        while (parser.Current.Kind != TokenKind.End)
        {
            parser.StatementLine(body);
        }

        return new FunctionNode("<program>", [], body) { Line = 1, Column = 1 };
    }

    private void StatementLine(List<Statement> into)
    {
        var token = Current;
        switch (token)
        {
            case { Kind: TokenKind.Indent }:
                throw Error("This line is indented without a reason.", "a block begins after a line that ends with a colon");
            case { Kind: TokenKind.Keyword, Text: "if" }:
                into.Add(If());
                break;
            case { Kind: TokenKind.Keyword, Text: "for" }:
                into.Add(For());
                break;
            case { Kind: TokenKind.Keyword, Text: "while" }:
                Take();
                into.Add(new WhileStatement(Test(), Loop()) { Line = token.Line, Column = token.Column });
                break;
            case { Kind: TokenKind.Keyword, Text: "def" }:
                into.Add(Def());
                break;
            case { Kind: TokenKind.Keyword, Text: "try" }:
                into.Add(Try());
                break;
            case { Kind: TokenKind.Keyword, Text: "async" }:
                Take();
                break;
            default:
                SimpleLine(into);
                break;
        }
    }

    private void SimpleLine(List<Statement> into)
    {
        while (true)
        {
            if (Simple() is { } statement)
            {
                into.Add(statement);
            }

            if (!TakeIf(";"))
            {
                break;
            }

            if (Current.Kind == TokenKind.NewLine)
            {
                break;
            }
        }

        if (Current.Kind != TokenKind.NewLine)
        {
            throw Current.Is("=") ? Error("Nothing can be assigned to what stands before this.") : Error($"{Shown()} is not expected here.", Unexpected());
        }

        Take();
    }

    private string? Unexpected() => Current.Text switch
    {
        ":=" => "assign in a statement of its own",
        "!" => "write not",
        _ => null,
    };

    private Statement? Simple()
    {
        var token = Current;
        if (token.Kind == TokenKind.Keyword)
        {
            switch (token.Text)
            {
                case "return":
                    Take();
                    return new ReturnStatement(Current.Kind == TokenKind.NewLine || Current.Is(";") ? null : TestList()) { Line = token.Line, Column = token.Column };
                case "pass":
                    Take();
                    return new PassStatement { Line = token.Line, Column = token.Column };
                case "break" or "continue":
                    Take();
                    if (loops == 0)
                    {
                        throw ScriptException.Syntax(token.Line, token.Column, $"{token.Text} stands outside of a loop.");
                    }

                    return token.Text == "break" ? new BreakStatement { Line = token.Line, Column = token.Column } : new ContinueStatement { Line = token.Line, Column = token.Column };
                case "raise":
                    Take();
                    if (Current.Kind == TokenKind.NewLine)
                    {
                        throw Error("raise needs an error here.", "write fail(\"what is wrong\"), or raise the error that except bound to a name");
                    }

                    return new RaiseStatement(Test()) { Line = token.Line, Column = token.Column };
                case "del":
                    Take();
                    return Primary() is IndexExpression target ? new DeleteStatement(target) { Line = token.Line, Column = token.Column }
                        : throw ScriptException.Syntax(token.Line, token.Column, "del takes a member of a list or dict out; names stay.");
                case "global" or "nonlocal":
                    return ScopeOf(token);
                case "assert":
                    Take();
                    return Assertion(token);
                case "import" or "from" or "load":
                    return Import(token);
                case "class" or "with" or "yield" or "finally" or "except" or "elif" or "else":
                    throw Error($"{token.Text} is not possible here.", token.Text switch
                    {
                        "class" => "there are no classes: use dicts and functions",
                        "with" => "there is nothing to open or close",
                        "yield" => "build a list and return it",
                        "finally" => "put what must always happen after the try",
                        _ => $"{token.Text} belongs after the block of an if or try, with the same indentation",
                    });
            }
        }

        return Assignment(token);
    }

    private Statement Assignment(Token start)
    {
        var value = TestList();
        if (Current.Kind == TokenKind.Symbol && Current.Text.Length > 1 && Current.Text[^1] == '=' && Current.Text is not ("==" or "!=" or "<=" or ">=" or ":="))
        {
            var op = Take().Text[..^1];
            if (value is not (NameExpression or IndexExpression))
            {
                throw ScriptException.Syntax(start.Line, start.Column, $"{op}= needs a name or a member of a list or dict on its left.");
            }

            return new AugmentedAssignStatement(value, op, TestList()) { Line = start.Line, Column = start.Column };
        }

        if (Current.Is(":"))
        {
            // An annotation says nothing to this interpreter.
            Take();
            Test();
            if (!Current.Is("="))
            {
                return new PassStatement { Line = start.Line, Column = start.Column };
            }
        }

        if (!Current.Is("="))
        {
            return new ExpressionStatement(value) { Line = start.Line, Column = start.Column };
        }

        var targets = new List<Expression>();
        while (TakeIf("="))
        {
            CheckTarget(value);
            targets.Add(value);
            value = TestList();
        }

        return new AssignStatement(targets, value) { Line = start.Line, Column = start.Column };
    }

    private static void CheckTarget(Expression target)
    {
        switch (target)
        {
            case NameExpression or IndexExpression { Index: not SliceExpression }:
                return;
            case CollectionExpression { Kind: CollectionKind.List or CollectionKind.Tuple } several:
                foreach (var item in several.Items)
                {
                    CheckTarget(item);
                }

                return;
            case AttributeExpression:
                throw ScriptException.Syntax(target.Line, target.Column, "Attributes cannot be assigned.", "use a dict and d[\"name\"] = value");
            case Starred:
                throw ScriptException.Syntax(target.Line, target.Column, "A starred target is not possible.", "take the rest with a slice");
            default:
                throw ScriptException.Syntax(target.Line, target.Column, "Nothing can be assigned to this.", "== compares");
        }
    }

    private ScopeStatement ScopeOf(Token token)
    {
        Take();
        var names = new List<string>();
        do
        {
            names.Add(Expect(TokenKind.Name, "a name").Text);
        }
        while (TakeIf(","));
        return functions == 0 ? throw ScriptException.Syntax(token.Line, token.Column, $"{token.Text} stands outside of a function.", "leave the line out")
            : new ScopeStatement(token.Text == "global", names) { Line = token.Line, Column = token.Column };
    }

    private IfStatement Assertion(Token token)
    {
        var condition = Test();
        var message = TakeIf(",") ? Test() : new Literal("The assertion does not hold.") { Line = token.Line, Column = token.Column };
        return new IfStatement(condition, [], [new RaiseStatement(message) { Line = token.Line, Column = token.Column }]) { Line = token.Line, Column = token.Column };
    }

    private PassStatement Import(Token token)
    {
        Take();
        if (token.Text == "import" && Current is { Kind: TokenKind.Name, Text: "json" or "math" } && tokens[position + 1].Kind == TokenKind.NewLine)
        {
            // Both are there without it; a program is not refused for a habit.
            Take();
            return new PassStatement { Line = token.Line, Column = token.Column };
        }

        throw ScriptException.Syntax(token.Line, token.Column, "Nothing can be imported.", "json and math are there already; everything else is a tool or a built-in function");
    }

    private void Nest()
    {
        if (++nesting > MaxNesting)
        {
            throw Error("The program is nested too deep.", "take parts out into functions or variables");
        }
    }

    private Token Take() => tokens[position++];

    private bool TakeIf(string text)
    {
        if (!Current.Is(text))
        {
            return false;
        }

        position++;
        return true;
    }

    private Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Error($"{Shown()} stands where {what} is expected.");

    private void ExpectText(string text)
    {
        if (!TakeIf(text))
        {
            throw Error($"{Shown()} stands where {text} is expected.");
        }
    }

    private string Shown() => Current.Kind switch
    {
        TokenKind.End => "The end of the program",
        TokenKind.NewLine => "The end of the line",
        TokenKind.Indent or TokenKind.Dedent => "A change of indentation",
        TokenKind.Text or TokenKind.FormattedText => "A text",
        _ => Current.Text,
    };

    private ScriptException Error(string message, string? hint = null) => ScriptException.Syntax(Current.Line, Current.Column, message, hint);

    private static NameExpression Name(Token token) => new(token.Text) { Line = token.Line, Column = token.Column };
}
