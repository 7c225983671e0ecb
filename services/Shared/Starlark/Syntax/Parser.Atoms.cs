using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Syntax;

internal sealed partial class Parser
{
    private Expression Atom()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                return Name(Take());
            case TokenKind.Integer or TokenKind.Float:
                return new Literal(Take().Value!) { Line = token.Line, Column = token.Column };
            case TokenKind.Text or TokenKind.FormattedText:
                return Texts();
            case TokenKind.Keyword when token.Text is "None" or "True" or "False":
                Take();
                return new Literal(token.Text switch { "None" => None.Value, "True" => Boxes.True, _ => Boxes.False }) { Line = token.Line, Column = token.Column };
            case TokenKind.Symbol when token.Text is "(" or "[" or "{":
                Nest();
                Take();
                var value = token.Text switch { "(" => Parenthesised(token), "[" => Listed(token), _ => Braced(token) };
                nesting--;
                return value;
            default:
                throw Error($"{Shown()} stands where a value is expected.", token.Kind == TokenKind.Keyword ? $"{token.Text} cannot be used as a name" : null);
        }
    }

    private Expression Parenthesised(Token token)
    {
        if (TakeIf(")"))
        {
            return new CollectionExpression(CollectionKind.Tuple, []) { Line = token.Line, Column = token.Column };
        }

        var value = TestList();
        if (Current.Is("for"))
        {
            value = Comprehension(CollectionKind.List, value, null, token);
        }

        ExpectText(")");
        return value;
    }

    private Expression Listed(Token token)
    {
        var items = new List<Expression>();
        while (!Current.Is("]"))
        {
            items.Add(TestOrStar());
            if (items.Count == 1 && Current.Is("for"))
            {
                var made = Comprehension(CollectionKind.List, items[0], null, token);
                ExpectText("]");
                return made;
            }

            if (!TakeIf(","))
            {
                break;
            }
        }

        ExpectText("]");
        return new CollectionExpression(CollectionKind.List, items) { Line = token.Line, Column = token.Column };
    }

    private Expression Braced(Token token)
    {
        var items = new List<Expression>();
        bool? isDict = null;
        while (!Current.Is("}"))
        {
            var start = Current;
            if (TakeIf("**"))
            {
                items.Add(new Starred(Binary(0), isDouble: true) { Line = start.Line, Column = start.Column });
                items.Add(new Literal(None.Value) { Line = start.Line, Column = start.Column });
                isDict = isDict is false ? throw Error("** does not belong into a set.") : true;
            }
            else
            {
                items.Add(TestOrStar());
                var hasValue = Current.Is(":");
                if (isDict is { } before && before != hasValue)
                {
                    throw Error(before ? "A value is missing: a dict has key: value." : "A set has no values.");
                }

                isDict = hasValue;
                if (hasValue)
                {
                    Take();
                    items.Add(Test());
                }
            }

            if (items.Count <= 2 && Current.Is("for"))
            {
                var made = Comprehension(isDict is true ? CollectionKind.Dict : CollectionKind.Set, items[0], isDict is true ? items[1] : null, token);
                ExpectText("}");
                return made;
            }

            if (!TakeIf(","))
            {
                break;
            }
        }

        ExpectText("}");
        return new CollectionExpression(isDict is false ? CollectionKind.Set : CollectionKind.Dict, items) { Line = token.Line, Column = token.Column };
    }

    private ComprehensionExpression Comprehension(CollectionKind kind, Expression element, Expression? value, Token token)
    {
        if (element is Starred)
        {
            throw ScriptException.Syntax(token.Line, token.Column, "A star does not belong here.");
        }

        var clauses = new List<ComprehensionClause>();
        while (true)
        {
            TakeIf("async");
            if (TakeIf("for"))
            {
                var target = TargetList();
                ExpectText("in");
                clauses.Add(new ComprehensionClause(target, Or()));
            }
            else if (TakeIf("if"))
            {
                clauses.Add(new ComprehensionClause(null, Or()));
            }
            else
            {
                break;
            }

            if (clauses.Count > 20)
            {
                throw Error("A comprehension has too many loops and conditions.", "use loops");
            }
        }

        return new ComprehensionExpression(kind, element, value, clauses) { Line = token.Line, Column = token.Column };
    }

    /// <summary>One text, or several that follow each other and are one.</summary>
    private Expression Texts()
    {
        var token = Current;
        var parts = new List<Expression>();
        while (Current.Kind is TokenKind.Text or TokenKind.FormattedText)
        {
            var part = Take();
            if (part.Kind == TokenKind.Text)
            {
                parts.Add(new Literal(part.Text) { Line = part.Line, Column = part.Column });
            }
            else
            {
                new FormattedTextReader(part, nesting, Embedded).Read(parts);
            }
        }

        return parts.TrueForAll(static p => p is Literal)
            ? new Literal(string.Concat(parts.Select(static p => (string)((Literal)p).Value))) { Line = token.Line, Column = token.Column }
            : new FormattedTextExpression(parts) { Line = token.Line, Column = token.Column };
    }
}
