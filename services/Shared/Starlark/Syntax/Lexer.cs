using System.Buffers;
using System.Globalization;
using Gateway.Starlark.Execution;

namespace Gateway.Starlark.Syntax;

/// <summary>Cuts a program into tokens, indentation among them.</summary>
internal sealed class Lexer(string source, int line = 1, int column = 1)
{
    private static readonly SearchValues<char> _nameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private static readonly HashSet<string> _keywords =
    [
        "and", "or", "not", "in", "is", "if", "elif", "else", "for", "while", "break", "continue", "def", "lambda", "return", "pass", "None", "True", "False", "try", "except",
        "finally", "raise", "global", "nonlocal", "del", "assert", "import", "from", "class", "with", "yield", "async", "await", "load",
    ];

    // Longest first.
    private static readonly string[] _symbols =
    [
        "**=", "//=", "<<=", ">>=", "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "->", ":=",
        "+", "-", "*", "/", "%", "|", "&", "^", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ":", ".", ";", "@", "!",
    ];

    private readonly List<Token> tokens = [];
    private readonly Stack<int> indents = new([0]);
    private readonly int firstColumn = column;
    private int position;
    private int line = line;
    private int lineStart;
    private int open;

    /// <summary>All tokens of a program.</summary>
    public List<Token> Program()
    {
        while (position < source.Length)
        {
            if (BeginLine())
            {
                LineTokens();
            }
        }

        if (tokens.Count > 0 && tokens[^1].Kind != TokenKind.NewLine)
        {
            Add(TokenKind.NewLine, "");
        }

        while (indents.Pop() > 0)
        {
            Add(TokenKind.Dedent, "");
        }

        Add(TokenKind.End, "");
        return tokens;
    }

    /// <summary>The tokens of one expression, as in the braces of a formatted text.</summary>
    public List<Token> Expression()
    {
        open = 1;
        LineTokens();
        Add(TokenKind.End, "");
        return tokens;
    }

    private int Column => position - lineStart + (lineStart == 0 ? firstColumn : 1);

    /// <returns>False for a line without tokens.</returns>
    private bool BeginLine()
    {
        var width = 0;
        while (position < source.Length && source[position] is ' ' or '\t' or '\f' or '\uFEFF')
        {
            width = source[position] switch { ' ' => width + 1, '\t' => (width / 8 * 8) + 8, _ => width };
            position++;
        }

        SkipComment();
        if (position >= source.Length || source[position] is '\n' or '\r')
        {
            EndLine();
            return false;
        }

        if (width > indents.Peek())
        {
            if (indents.Count > 100)
            {
                throw Error("Blocks are nested too deep.", "use functions");
            }

            indents.Push(width);
            Add(TokenKind.Indent, "");
        }

        while (width < indents.Peek())
        {
            indents.Pop();
            Add(TokenKind.Dedent, "");
        }

        return width == indents.Peek() ? true : throw Error("This line is indented like no block around it.", "indent with four spaces a level");
    }

    private void LineTokens()
    {
        while (position < source.Length)
        {
            var c = source[position];
            if (c is ' ' or '\t' or '\f' or '\uFEFF' or '\u00A0')
            {
                position++;
            }
            else if (c == '#')
            {
                SkipComment();
            }
            else if (c is '\n' or '\r')
            {
                if (open == 0)
                {
                    Add(TokenKind.NewLine, "");
                    EndLine();
                    return;
                }

                EndLine();
            }
            else if (c == '\\' && position + 1 < source.Length && source[position + 1] is '\n' or '\r')
            {
                position++;
                EndLine();
            }
            else
            {
                One(c);
            }
        }
    }

    private void One(char c)
    {
        if (char.IsAsciiDigit(c) || (c == '.' && position + 1 < source.Length && char.IsAsciiDigit(source[position + 1])))
        {
            Number();
        }
        else if (c is '"' or '\'')
        {
            Text(prefix: "");
        }
        else if (_nameCharacters.Contains(c))
        {
            var rest = source.AsSpan(position);
            var length = rest.IndexOfAnyExcept(_nameCharacters);
            length = length < 0 ? rest.Length : length;
            var name = rest[..length].ToString();
            if (length <= 2 && position + length < source.Length && source[position + length] is '"' or '\'' && IsPrefix(name))
            {
                position += length;
                Text(name.ToLowerInvariant());
                return;
            }

            Add(_keywords.Contains(name) ? TokenKind.Keyword : TokenKind.Name, name);
            position += length;
        }
        else
        {
            Symbol(c);
        }
    }

    private static bool IsPrefix(string name) => name.ToLowerInvariant() is "r" or "f" or "rf" or "fr" or "b" or "rb" or "br" or "u";

    private void Symbol(char c)
    {
        foreach (var symbol in _symbols)
        {
            if (string.CompareOrdinal(source, position, symbol, 0, symbol.Length) == 0)
            {
                open += symbol switch { "(" or "[" or "{" => 1, ")" or "]" or "}" => -1, _ => 0 };
                open = Math.Max(open, 0);
                Add(TokenKind.Symbol, symbol);
                position += symbol.Length;
                return;
            }
        }

        throw Error(char.IsControl(c) ? $"The character U+{(int)c:X4} does not belong in a program." : $"The character {c} does not belong in a program.", char.IsLetter(c) ? "names are of ASCII letters, digits and _" : null);
    }

    private void Number()
    {
        var start = position;
        if (source[position] == '0' && position + 1 < source.Length && source[position + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
        {
            Based();
            return;
        }

        Digits();
        var isFloat = false;
        if (position < source.Length && source[position] == '.' && !(position + 1 < source.Length && source[position + 1] == '.'))
        {
            isFloat = true;
            position++;
            Digits();
        }

        if (position < source.Length && source[position] is 'e' or 'E')
        {
            var next = position + 1 < source.Length && source[position + 1] is '+' or '-' ? position + 2 : position + 1;
            if (next < source.Length && char.IsAsciiDigit(source[next]))
            {
                isFloat = true;
                position = next;
                Digits();
            }
        }

        var text = source[start..position].Replace("_", "", StringComparison.Ordinal);
        (var end, position) = (position, start);
        if (isFloat)
        {
            Add(TokenKind.Float, text, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        }
        else
        {
            Add(TokenKind.Integer, text, long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Error("Integers have 64 bits; this one is too large.", "write it with a decimal point"));
        }

        position = end;
    }

    private void Based()
    {
        var start = position;
        var radix = char.ToLowerInvariant(source[position + 1]) switch { 'x' => 16, 'o' => 8, _ => 2 };
        position += 2;
        var (value, any) = (0L, false);
        for (; position < source.Length && (char.IsAsciiHexDigit(source[position]) || source[position] == '_'); position++)
        {
            if (source[position] == '_')
            {
                continue;
            }

            var digit = Convert.ToInt32(source[position].ToString(), 16);
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
            {
                throw Error("This is no integer of 64 bits.");
            }

            (value, any) = ((value * radix) + digit, true);
        }

        if (!any)
        {
            throw Error("A number has no digits.");
        }

        (var end, position) = (position, start);
        Add(TokenKind.Integer, source[start..end], value);
        position = end;
    }

    private void Digits()
    {
        while (position < source.Length && (char.IsAsciiDigit(source[position]) || source[position] == '_'))
        {
            position++;
        }
    }

    private void Text(string prefix)
    {
        if (prefix.Contains('b', StringComparison.Ordinal))
        {
            throw Error("There are no bytes in this language.", "leave the b out");
        }

        var (startLine, startColumn) = (line, Column);
        var quote = source[position];
        var isTriple = string.CompareOrdinal(source, position, new string(quote, 3), 0, 3) == 0;
        position += isTriple ? 3 : 1;
        var (isRaw, isFormatted) = (prefix.Contains('r', StringComparison.Ordinal), prefix.Contains('f', StringComparison.Ordinal));
        var start = position;
        while (true)
        {
            if (position >= source.Length || (!isTriple && source[position] is '\n' or '\r'))
            {
                throw ScriptException.Syntax(startLine, startColumn, "A text does not end.", isTriple ? "close it with three quotes" : $"close it with {quote}, or use three quotes for several lines");
            }

            if (source[position] == '\\' && position + 1 < source.Length)
            {
                CountLine(position + 1);
                position += 2;
                continue;
            }

            if (source[position] == quote && (!isTriple || string.CompareOrdinal(source, position, new string(quote, 3), 0, 3) == 0))
            {
                break;
            }

            CountLine(position);
            position++;
        }

        var content = source[start..position];
        position += isTriple ? 3 : 1;
        var text = isRaw || isFormatted ? content : Escapes.Decode(content, startLine, startColumn);
        tokens.Add(new Token(isFormatted ? TokenKind.FormattedText : TokenKind.Text, text, isRaw, startLine, startColumn));
    }

    private void CountLine(int at)
    {
        if (source[at] == '\n')
        {
            line++;
            lineStart = at + 1;
        }
    }

    private void SkipComment()
    {
        if (position < source.Length && source[position] == '#')
        {
            var end = source.AsSpan(position).IndexOfAny('\n', '\r');
            position = end < 0 ? source.Length : position + end;
        }
    }

    private void EndLine()
    {
        if (position < source.Length && source[position] == '\r')
        {
            position++;
        }

        if (position < source.Length && source[position] == '\n')
        {
            position++;
        }

        line++;
        lineStart = position;
    }

    private void Add(TokenKind kind, string text, object? value = null) => tokens.Add(new Token(kind, text, value, line, Column));

    private ScriptException Error(string message, string? hint = null) => ScriptException.Syntax(line, Column, message, hint);
}
