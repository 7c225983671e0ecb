using System.Text;
using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Syntax;

/// <summary>Takes a formatted text apart: what stands in braces are expressions, with <c>!r</c>, <c>=</c> and a format, which may have braces of its own.</summary>
internal sealed class FormattedTextReader(Token token, int nesting, Func<string, int, int, int, Expression> expression)
{
    private const int MaxNesting = 100;

    private readonly bool isRaw = token.Value is true;

    public void Read(List<Expression> parts) => Read(token.Text, parts, 0);

    private void Read(string content, List<Expression> parts, int depth)
    {
        var text = new StringBuilder();
        for (var i = 0; i < content.Length; i++)
        {
            var c = content[i];
            if (depth == 0 && c is '{' or '}' && i + 1 < content.Length && content[i + 1] == c)
            {
                text.Append(c);
                i++;
            }
            else if (c == '{')
            {
                Flush(text, parts);
                i = Part(content, i + 1, parts, depth);
            }
            else if (c == '}')
            {
                throw Error("A single } stands in a formatted text.", "write }} for a brace");
            }
            else
            {
                text.Append(c);
                if (c == '\\' && !isRaw && i + 1 < content.Length)
                {
                    text.Append(content[++i]);
                }
            }
        }

        Flush(text, parts);
    }

    private void Flush(StringBuilder text, List<Expression> parts)
    {
        if (text.Length > 0)
        {
            parts.Add(Made(isRaw ? text.ToString() : Escapes.Decode(text.ToString(), token.Line, token.Column)));
            text.Clear();
        }
    }

    /// <returns>Where the closing brace stands.</returns>
    private int Part(string content, int start, List<Expression> parts, int depth)
    {
        if (depth > 1 || nesting + depth >= MaxNesting)
        {
            throw Error("Formatted texts are nested too deep.", "use variables");
        }

        var end = EndOfExpression(content, start);
        var source = content[start..end];
        string? label = null;
        if (source.TrimEnd().EndsWith('=') && !source.TrimEnd().EndsWith("==", StringComparison.Ordinal))
        {
            label = source;
            source = source[..source.LastIndexOf('=')];
        }

        if (string.IsNullOrWhiteSpace(source))
        {
            throw Error("Braces of a formatted text are empty.", "write {{}} for braces");
        }

        var value = expression(source.Trim(), token.Line, token.Column, nesting + depth + 1);
        var isRepr = label is not null;
        if (end + 1 < content.Length && content[end] == '!')
        {
            isRepr = content[end + 1] switch { 'r' or 'a' => true, 's' => false, _ => throw Error("Only !r and !s may stand after a value in braces.") };
            end += 2;
        }

        Expression? format = null;
        if (end < content.Length && content[end] == ':')
        {
            var close = EndOfFormat(content, end + 1);
            var pieces = new List<Expression>();
            Read(content[(end + 1)..close], pieces, depth + 1);
            format = new FormattedTextExpression(pieces) { Line = token.Line, Column = token.Column };
            (end, isRepr) = (close, isRepr && label is null);
        }

        if (end >= content.Length || content[end] != '}')
        {
            throw Error("Braces of a formatted text do not end.", "write {{ for a brace");
        }

        parts.Add(new FormattedPart(value, isRepr, label, format) { Line = token.Line, Column = token.Column });
        return end;
    }

    private int EndOfExpression(string content, int start)
    {
        var (open, quote) = (0, '\0');
        for (var i = start; i < content.Length; i++)
        {
            var c = content[i];
            if (quote != '\0')
            {
                i += c == '\\' ? 1 : 0;
                quote = c == quote ? '\0' : quote;
                continue;
            }

            switch (c)
            {
                case '"' or '\'':
                    quote = c;
                    break;
                case '(' or '[' or '{':
                    open++;
                    break;
                case ')' or ']' or '}' when open > 0:
                    open--;
                    break;
                case '}' or ':' when open == 0:
                    return i;
                case '!' when open == 0 && (i + 1 >= content.Length || content[i + 1] != '='):
                    return i;
            }
        }

        throw Error("Braces of a formatted text do not end.", "write {{ for a brace");
    }

    private int EndOfFormat(string content, int start)
    {
        var open = 0;
        for (var i = start; i < content.Length; i++)
        {
            if (content[i] == '}' && open-- == 0)
            {
                return i;
            }

            open += content[i] == '{' ? 1 : 0;
        }

        throw Error("Braces of a formatted text do not end.", "write {{ for a brace");
    }

    private Literal Made(string text) => new(text) { Line = token.Line, Column = token.Column };

    private ScriptException Error(string message, string? hint = null) => ScriptException.Syntax(token.Line, token.Column, message, hint);
}
