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
    private const string WriteFile = "write the text to a file";

    /// <summary>The parts of a question; at least one, which then is the question.</summary>
    public static IReadOnlyList<string> Of(string question)
    {
        var (text, isWhole) = Cleaned(question);
        if (isWhole)
        {
            return [text];
        }

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

        if (parts.Count == 0)
        {
            return [text];
        }

        // Who names a file that something is to be in wants it written, whatever else the sentence is about.
        if (parts.Count < Most && parts.Exists(static p => Written().IsMatch(p)) && !parts.Exists(static p => p == WriteFile))
        {
            parts.Add(WriteFile);
        }

        return parts;
    }

    /// <summary>The question without its data: quoted texts, addresses, numbers in lists.</summary>
    public static string Plain(string question) => Cleaned(question).Text;

    /// <summary>The question without its data; where little would be left, the question as it is, in which what looks like several steps may be one title.</summary>
    private static (string Text, bool IsWhole) Cleaned(string question)
    {
        var text = question.Length > LongestText ? question[..LongestText] : question;
        var plain = Columns().Replace(FileNames().Replace(Parenthesised().Replace(Addresses().Replace(Quoted().Replace(text, " "), " url "), " "), " text file "), " ");
        return Words.Of(plain).Count >= ShortestWords ? (plain, false) : (text, true);
    }

    [GeneratedRegex(@"(?<=[\w""'\)\s])[.;:!?](?=\s|$)|,?\s+(?:and\s+)?then\s+|,\s+(?:and\s+)?(?=(?:\w+ly\s+)?[a-z]{3,}\s)|\s+and\s+(?=[a-z]{3,}\s)|\s+—\s+|\s+-\s+|\n", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Breaks();

    [GeneratedRegex(@"\b(?:sav|export|writ|stor|creat|generat|compil|produc|build|dump|record)\w*\b.*\b(?:to|as|in|into|called|named|index)\b[\w\s]*\btext file\b", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Written();

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
