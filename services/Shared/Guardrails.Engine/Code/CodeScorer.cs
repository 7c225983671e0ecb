using System.Buffers;

namespace Gateway.Guardrails.Engine.Code;

/// <summary>Says how much a piece of text looks like source code, and of which kind: by what its lines begin and end with, and by words that only code has.</summary>
public static class CodeScorer
{
    private static readonly (string Kind, SearchValues<string> Signs)[] _signs =
    [
        ("python", Of("def ", "import ", "elif ", "self.", "print(", "__init__", "lambda ", "except ", "None", "True:", "in range(")),
        ("javascript", Of("function ", "const ", "=> ", "let ", "console.log", "require(", "===", "document.", "async ", "export default", "var ")),
        ("csharp", Of("using System", "namespace ", "public class", "private ", "static void", "string[]", "var ", "Console.Write", "async Task", "get; set;", "=> ")),
        ("java", Of("public static void", "System.out", "import java", "public class", "private ", "new ArrayList", "@Override", "throws ", "String[]")),
        ("c", Of("#include", "int main", "printf(", "std::", "nullptr", "malloc(", "struct ", "void ", "->", "size_t")),
        ("go", Of("func ", "package ", ":= ", "fmt.", "go func", "err != nil", "defer ", "chan ")),
        ("rust", Of("fn ", "let mut", "impl ", "pub fn", "println!", "match ", "::new(", "&str", "unwrap()", "-> ")),
        ("sql", Of("SELECT ", "select * from", "INSERT INTO", "UPDATE ", " WHERE ", "CREATE TABLE", "DELETE FROM", "JOIN ", "GROUP BY", "insert into")),
        ("shell", Of("#!/bin/", "sudo ", "apt-get ", "echo \"", "$(", "| grep", "chmod ", "export ", "curl -", "docker run", "cd /", "git clone")),
        ("html", Of("<html", "<div", "</", "<script", "<body", "href=", "class=\"", "<!DOCTYPE", "<span")),
        ("json", Of("\": \"", "\": {", "\": [", "\":\"", "\":{", "\": true", "\": null")),
    ];

    private static readonly SearchValues<char> _marks = SearchValues.Create("{}();=<>[]");

    /// <summary>The kinds of code it tells apart, besides <c>other</c>.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [.. _signs.Select(static s => s.Kind), "other"];

    /// <summary>Scores a piece of text.</summary>
    /// <param name="text">The text.</param>
    public static (string Kind, double Score) Score(ReadOnlySpan<char> text)
    {
        var (lines, codeLines, fence) = (0, 0, false);
        foreach (var range in text.Split('\n'))
        {
            var line = text[range].Trim();
            if (line.IsEmpty)
            {
                continue;
            }

            lines++;
            fence |= line.StartsWith("```");
            codeLines += IsCodeLine(line, text[range]) ? 1 : 0;
        }

        if (lines == 0)
        {
            return ("other", 0);
        }

        var (kind, signs) = Kind(text);
        var share = codeLines / (double)lines;
        var score = (0.55 * Math.Min(1, share * 1.4)) + (0.12 * Math.Min(4, signs)) + (fence ? 0.25 : 0);
        return (kind, Math.Round(Math.Clamp(codeLines == 0 && !fence ? Math.Min(score, 0.3) : score, 0, 1), 2));
    }

    private static bool IsCodeLine(ReadOnlySpan<char> line, ReadOnlySpan<char> raw)
    {
        var marks = 0;
        for (var rest = line; rest.IndexOfAny(_marks) is >= 0 and var at; rest = rest[(at + 1)..])
        {
            marks++;
        }

        return line[^1] is ';' or '{' or '}' || (line[^1] == ':' && marks > 1) || line.StartsWith("#include") || line.StartsWith("import ") || line.StartsWith("def ") || line.StartsWith("return ") || line.StartsWith("//")
            || line.StartsWith("</") || marks * 8 > line.Length || (marks > 2 && raw.Length > 4 && raw[..2].IsWhiteSpace());
    }

    private static (string Kind, int Signs) Kind(ReadOnlySpan<char> text)
    {
        var (best, count) = ("other", 0);
        foreach (var (kind, signs) in _signs)
        {
            var found = 0;
            for (var rest = text; found < 6 && rest.IndexOfAny(signs) is >= 0 and var at; rest = rest[Math.Min(rest.Length, at + 3)..])
            {
                found++;
            }

            (best, count) = found > count ? (kind, found) : (best, count);
        }

        return (best, count);
    }

    private static SearchValues<string> Of(params ReadOnlySpan<string> signs) => SearchValues.Create(signs, StringComparison.Ordinal);
}
