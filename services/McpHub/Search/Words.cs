namespace Gateway.McpHub.Search;

/// <summary>Takes texts and identifiers apart into words, and brings words to the form under which they are compared.</summary>
internal static class Words
{
    private const int LongestWord = 40;

    // Words that say nothing of what a tool does, in questions or in descriptions.
    private static readonly HashSet<string> Stop =
    [
        "a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "with", "from", "by", "at", "as", "is", "are", "be", "it", "its", "this", "that", "these", "those", "my", "our", "your", "me", "i", "we",
        "you", "please", "can", "could", "would", "should", "will", "do", "does", "how", "what", "which", "when", "then", "than", "into", "any", "some", "each", "their", "them", "they", "there", "has", "have",
        "using", "use", "used", "via", "specific", "specified", "given", "optional", "optionally", "also", "not", "only", "if", "so", "such", "called", "named", "titled", "tool", "tell", "want", "need", "mcp",
    ];

    /// <summary>The words of a text in their common form, in order; words that say nothing are left out.</summary>
    public static List<string> Of(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            var start = i++;
            while (i < text.Length && char.IsLetterOrDigit(text[i]) && !IsBoundary(text, i))
            {
                i++;
            }

            Add(text.AsSpan(start, i - start), words);
        }

        return words;
    }

    /// <summary>A word as it is compared: small letters, without the endings of number and tense.</summary>
    public static string Stem(string word)
    {
        var stem = Singular(word);
        if (stem.Length > 7 && stem.EndsWith("tion", StringComparison.Ordinal))
        {
            stem = stem[..^3];
        }
        else if (stem.Length > 5 && stem.EndsWith("ing", StringComparison.Ordinal))
        {
            stem = Undouble(stem[..^3]);
        }
        else if (stem.Length > 4 && stem.EndsWith("ied", StringComparison.Ordinal))
        {
            stem = stem[..^3] + "y";
        }
        else if (stem.Length > 4 && stem.EndsWith("ed", StringComparison.Ordinal))
        {
            stem = Undouble(stem[..^2]);
        }

        return stem.Length > 4 && stem[^1] == 'e' ? stem[..^1] : stem;
    }

    private static void Add(ReadOnlySpan<char> word, List<string> words)
    {
        if (word.Length > LongestWord)
        {
            return;
        }

        var small = word.ToString().ToLowerInvariant();
        if (!Stop.Contains(small) && (small.Length > 1 || char.IsDigit(small[0])))
        {
            words.Add(Stem(small));
        }
    }

    /// <summary>True where a new word begins inside letters: <c>getFile</c>, <c>HTMLPage</c>, <c>v2</c> stays whole.</summary>
    private static bool IsBoundary(string text, int i) =>
        char.IsUpper(text[i]) && (char.IsLower(text[i - 1]) || (char.IsUpper(text[i - 1]) && i + 1 < text.Length && char.IsLower(text[i + 1])));

    private static string Singular(string word) =>
        word.Length > 4 && word.EndsWith("ies", StringComparison.Ordinal) ? word[..^3] + "y"
        : word.Length > 4 && (word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("xes", StringComparison.Ordinal) || word.EndsWith("ches", StringComparison.Ordinal) || word.EndsWith("shes", StringComparison.Ordinal)) ? word[..^2]
        : word.Length > 3 && word[^1] == 's' && word[^2] is not ('s' or 'u' or 'i') ? word[..^1]
        : word;

    private static string Undouble(string stem) =>
        stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z' or 'e' or 'o') ? stem[..^1] : stem;
}
