using System.Globalization;
using System.Text;

namespace Gateway.Routing.Rules;

/// <summary>Splits an expression into words, numbers, texts and symbols.</summary>
internal static class Lexer
{
    private const string Single = "()[],<>!-";

    public static RuleProblem? Read(string text, List<Token> tokens)
    {
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                tokens.Add(new Token(TokenKind.End, "", 0, at));
                return null;
            }

            var c = text[at];
            RuleProblem? problem = null;
            if (char.IsAsciiLetter(c) || c == '_')
            {
                at = Word(text, at, tokens);
            }
            else if (char.IsAsciiDigit(c))
            {
                problem = Number(text, ref at, tokens);
            }
            else if (c is '"' or '\'')
            {
                problem = Text(text, ref at, tokens);
            }
            else
            {
                problem = Symbol(text, ref at, tokens);
            }

            if (problem is not null)
            {
                return problem;
            }
        }
    }

    private static int Word(string text, int at, List<Token> tokens)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' || (text[at] == '.' && at + 1 < text.Length && char.IsAsciiLetter(text[at + 1]))))
        {
            at++;
        }

        tokens.Add(new Token(TokenKind.Word, text[start..at], 0, start));
        return at;
    }

    private static RuleProblem? Number(string text, ref int at, List<Token> tokens)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '.' or '_'))
        {
            at++;
        }

        var word = text[start..at];
        if (!double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            return new RuleProblem(start + 1, $"'{word}' is no number; write one like 12 or 0.5.");
        }

        tokens.Add(new Token(TokenKind.Number, word, number, start));
        return null;
    }

    private static RuleProblem? Text(string text, ref int at, List<Token> tokens)
    {
        var start = at;
        var quote = text[at++];
        var value = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\\' && ++at < text.Length && text[at] is not ('\\' or '"' or '\''))
            {
                return new RuleProblem(at, "After a backslash in a text comes a backslash or a quote.");
            }

            if (at < text.Length)
            {
                value.Append(text[at++]);
            }
        }

        if (at >= text.Length)
        {
            return new RuleProblem(start + 1, $"This text has no closing {quote}.");
        }

        at++;
        tokens.Add(new Token(TokenKind.Text, value.ToString(), 0, start));
        return null;
    }

    private static RuleProblem? Symbol(string text, ref int at, List<Token> tokens)
    {
        var two = at + 1 < text.Length ? text.Substring(at, 2) : "";
        var symbol = two is "==" or "!=" or "<=" or ">=" or "&&" or "||" ? two : Single.Contains(text[at], StringComparison.Ordinal) ? text[at].ToString() : null;
        if (symbol is null)
        {
            var hint = text[at] switch
            {
                '=' => " Equality is written '=='.",
                '&' => " 'And' is written '&&'.",
                '|' => " 'Or' is written '||'.",
                _ => " Texts stand in quotes.",
            };
            return new RuleProblem(at + 1, $"The character '{Shown(text[at])}' means nothing here.{hint}");
        }

        tokens.Add(new Token(TokenKind.Symbol, symbol, 0, at));
        at += symbol.Length;
        return null;
    }

    private static string Shown(char c) => char.IsControl(c) || char.IsSurrogate(c) ? $"\\u{(int)c:x4}" : c.ToString();
}
