using System.Text.RegularExpressions;

namespace Gateway.McpHub.Search;

/// <summary>
/// Takes a question apart into the things it asks for one after the other: each may want a tool of its own. What stands in quotes is data, not a wish, and says little of the tool.
/// </summary>
internal static partial class Clauses
{
    /// <summary>Most parts of a question that are looked at for themselves.</summary>
    public const int Most = 8;

    private const int ShortestWords = 2;
    private const int LeadingWords = 4;
    private const int LongestText = 2_000;

    /// <summary>The parts of a question; at least one, which then is the question.</summary>
    public static IReadOnlyList<string> Of(string question)
    {
        var text = Plain(question);
        var parts = new List<string>();
        foreach (var part in Breaks().Split(text).Select(static p => p.Trim()))
        {
            var words = Words.Of(part);
            if (words.Count == 0)
            {
                continue;
            }

            // What asks for nothing belongs to what stands before it: "get their names, titles and emails".
            if (parts.Count > 0 && (parts.Count == Most || words.Count < ShortestWords || !words.Take(LeadingWords).Any(Synonyms.IsAction)))
            {
                parts[^1] = $"{parts[^1]} {part}";
            }
            else
            {
                parts.Add(part);
            }
        }

        return parts.Count == 0 ? [text] : parts;
    }

    /// <summary>The question without its data: quoted texts, addresses, numbers in lists.</summary>
    public static string Plain(string question)
    {
        var text = question.Length > LongestText ? question[..LongestText] : question;
        var plain = Columns().Replace(FileNames().Replace(Parenthesised().Replace(Addresses().Replace(Quoted().Replace(text, " "), " url "), " "), " file "), " ");
        return Words.Of(plain).Count >= ShortestWords ? plain : text;
    }

    [GeneratedRegex(@"(?<=[\w""'\)])[.;:!?](?=\s|$)|,?\s+(?:and\s+)?then\s+|,\s+(?:and\s+)?(?=(?:\w+ly\s+)?[a-z]{3,}\s)|\s+and\s+(?=[a-z]{3,}\s)|\s+—\s+|\s+-\s+|\n", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Breaks();

    [GeneratedRegex(@"(?<!\w)'[^'\n]{1,200}'(?!\w)|""[^""\n]{1,200}""|`[^`\n]{1,200}`", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();

    // A file's name says that a file is meant, and the words in it are the caller's.
    [GeneratedRegex(@"(?<!\w)[\w./-]*\w\.(?:txt|md|json|jsonl|csv|tsv|py|js|ts|html|xml|ya?ml|log|pdf|docx?|xlsx?|pptx?|png|jpe?g|gif|svg|mp3|mp4|wav|sql|db|zip|toml|ini|sh|cs|go|rs|java|rb|css)\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FileNames();

    [GeneratedRegex(@"\b(?:with\s+)?(?:columns|fields|headers)\s*:[^.;\n]*", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Columns();

    [GeneratedRegex(@"https?://\S+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Addresses();

    [GeneratedRegex(@"\([^()\n]{0,300}\)|\{[^{}\n]{0,500}\}|\[[^\[\]\n]{0,300}\]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parenthesised();
}
