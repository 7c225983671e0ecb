using System.Text.RegularExpressions;

namespace Gateway.ServiceDefaults.Tests.Metrics;

/// <summary>Finds the names in a query of Prometheus: of metrics, and of labels. Knows as much of the language as that takes.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> _words = new(StringComparer.OrdinalIgnoreCase) { "and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left", "group_right", "inf", "nan", "atan2" };

    /// <summary>The metrics that a query reads.</summary>
    public static IReadOnlyList<string> Metrics(string query)
    {
        var bare = Braces().Replace(Texts().Replace(Variables().Replace(query, "1"), ""), "");
        bare = Grouping().Replace(Ranges().Replace(bare, ""), " ");
        return [.. Names().Matches(bare).Where(m => !_words.Contains(m.Value) && !IsCall(bare, m)).Select(static m => m.Value).Distinct()];
    }

    /// <summary>The labels that a query names.</summary>
    public static IReadOnlyList<string> Labels(string query)
    {
        var bare = Texts().Replace(Variables().Replace(query, "1"), "");
        return [.. Braces().Matches(bare).SelectMany(static m => Names().Matches(m.Value)).Concat(Grouping().Matches(bare).SelectMany(static m => Names().Matches(m.Groups[1].Value)))
            .Select(static m => m.Value).Distinct()];
    }

    private static bool IsCall(string text, Match name)
    {
        var at = name.Index + name.Length;
        while (at < text.Length && text[at] == ' ')
        {
            at++;
        }

        // An aggregation may be followed by its grouping, which is gone by now.
        return at < text.Length && text[at] == '(';
    }

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Texts();

    [GeneratedRegex("""\$\{?\w+\}?""")]
    private static partial Regex Variables();

    [GeneratedRegex("""\{[^}]*\}""")]
    private static partial Regex Braces();

    [GeneratedRegex("""\[[^\]]*\]""")]
    private static partial Regex Ranges();

    [GeneratedRegex("""\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)""")]
    private static partial Regex Grouping();

    [GeneratedRegex("""(?<![\w.:])[a-zA-Z_:][a-zA-Z0-9_:]*""")]
    private static partial Regex Names();
}
