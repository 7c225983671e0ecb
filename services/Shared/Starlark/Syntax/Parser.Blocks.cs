namespace Gateway.Starlark.Syntax;

internal sealed partial class Parser
{
    private IfStatement If()
    {
        var token = Take();
        var condition = Test();
        var then = Block();
        List<Statement> otherwise = [];
        if (Current.Is("elif"))
        {
            Nest();
            otherwise.Add(If());
            nesting--;
        }
        else if (Current.Is("else"))
        {
            Take();
            otherwise = Block();
        }

        return new IfStatement(condition, then, otherwise) { Line = token.Line, Column = token.Column };
    }

    private ForStatement For()
    {
        var token = Take();
        var target = TargetList();
        ExpectText("in");
        var source = TestList();
        return new ForStatement(target, source, Loop()) { Line = token.Line, Column = token.Column };
    }

    private List<Statement> Loop()
    {
        loops++;
        var body = Block();
        loops--;
        return Current.Is("else") ? throw Error("A loop has no else here.", "set a flag before break and look at it after the loop") : body;
    }

    private DefStatement Def()
    {
        var token = Take();
        var name = Expect(TokenKind.Name, "the function's name");
        ExpectText("(");
        var parameters = Parameters(")", canAnnotate: true);
        ExpectText(")");
        if (TakeIf("->"))
        {
            Test();
        }

        var outer = loops;
        (loops, functions) = (0, functions + 1);
        var body = Block();
        (loops, functions) = (outer, functions - 1);
        return new DefStatement(Name(name), new FunctionNode(name.Text, parameters, body) { Line = token.Line, Column = token.Column }) { Line = token.Line, Column = token.Column };
    }

    private TryStatement Try()
    {
        var token = Take();
        var body = Block();
        if (!Current.Is("except"))
        {
            throw Error("A try needs an except.", Current.Is("finally") ? "there is no finally: put what must always happen after the try" : null);
        }

        Take();
        NameExpression? error = null;
        if (!Current.Is(":"))
        {
            Test();
            if (Current is { Kind: TokenKind.Name, Text: "as" })
            {
                Take();
                error = Name(Expect(TokenKind.Name, "the name of the error"));
            }
        }

        var handler = Block();
        return Current.Text is "except" or "else" or "finally" && Current.Kind == TokenKind.Keyword
            ? throw Error($"A second {Current.Text} is not possible.", "one except handles every error; look at its text, or put what follows after the try")
            : new TryStatement(body, error, handler) { Line = token.Line, Column = token.Column };
    }

    private List<Statement> Block()
    {
        ExpectText(":");
        var body = new List<Statement>();
        Nest();
        if (Current.Kind != TokenKind.NewLine)
        {
            SimpleLine(body);
            nesting--;
            return body;
        }

        Take();
        if (Current.Kind != TokenKind.Indent)
        {
            throw Error("An indented block is expected here.", "write pass for an empty one");
        }

        Take();
        while (Current.Kind is not TokenKind.Dedent and not TokenKind.End)
        {
            StatementLine(body);
        }

        if (Current.Kind == TokenKind.Dedent)
        {
            Take();
        }

        nesting--;
        return body;
    }
}
