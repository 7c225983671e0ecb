using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gateway.Cli;

/// <summary>Replaces <c>${NAME}</c> of a document by variables of this process, so that secrets need not be in the file. <c>$${</c> stands for <c>${</c>.</summary>
internal static partial class Variables
{
    public static string Expand(string text, Func<string, string?> environment)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimStart().StartsWith('#'))
            {
                continue;
            }

            var number = i + 1;
            lines[i] = Reference().Replace(lines[i], match => match.Groups["plain"].Success ? "${" : Value(match, number, environment));
        }

        return string.Join('\n', lines);
    }

    private static string Value(Match match, int line, Func<string, string?> environment)
    {
        var name = match.Groups["name"].Value;
        var value = environment(name);
        if (string.IsNullOrEmpty(value))
        {
            throw new CliException($"line {line}: the environment variable {name} is not set.");
        }

        // Quoted as JSON, and so right in any YAML, unless it stands between quotes or beside other text already.
        var quoted = JsonSerializer.Serialize(value);
        return match.Groups["whole"].Success ? quoted
            : Harmless().IsMatch(value) ? value
            : throw new CliException($"line {line}: the value of {name} cannot stand inside other text; write the reference alone and without quotes.");
    }

    [GeneratedRegex(@"(?<plain>\$\$\{)|(?<=[:\-,\[{]\s+)(?<whole>\$\{(?<name>[A-Za-z0-9_]+)\})(?=\s*([,\]}]|$|\s#))|\$\{(?<name>[A-Za-z0-9_]+)\}")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\A[A-Za-z0-9_./:+=@~-]+\z")]
    private static partial Regex Harmless();
}
