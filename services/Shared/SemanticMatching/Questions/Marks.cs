namespace Gateway.SemanticMatching.Questions;

/// <summary>What is in a text besides its words.</summary>
internal static class Marks
{
    private const int MaxQuotes = 16;

    /// <summary>What stands in quotation marks or backticks, lower case.</summary>
    public static IReadOnlyList<string> Quoted(ReadOnlySpan<char> text)
    {
        List<string>? found = null;
        for (var i = 0; i < text.Length && (found?.Count ?? 0) < MaxQuotes; i++)
        {
            var close = text[i] switch { '"' => '"', '“' => '”', '`' => '`', '«' => '»', _ => '\0' };
            if (close == '\0')
            {
                continue;
            }

            var length = text[(i + 1)..].IndexOf(close);
            if (length > 0)
            {
                (found ??= []).Add(text.Slice(i + 1, length).Trim().ToString().ToLowerInvariant());
            }

            if (length >= 0)
            {
                i += length + 1;
            }
        }

        return found ?? (IReadOnlyList<string>)[];
    }

    public static bool LooksLikeCode(ReadOnlySpan<char> text)
        => text.Contains("```", StringComparison.Ordinal) || text.ContainsAny("{}") || text.Contains("=>", StringComparison.Ordinal) || text.Contains("==", StringComparison.Ordinal)
            || text.Contains("();", StringComparison.Ordinal) || text.Contains("[math]", StringComparison.Ordinal) || text.Contains("</", StringComparison.Ordinal);

    public static int Sentences(ReadOnlySpan<char> text)
    {
        var count = 0;
        var inside = false;
        foreach (var c in text)
        {
            if (c is '?' or '!' or '.')
            {
                count += inside ? 1 : 0;
                inside = false;
            }
            else if (char.IsLetterOrDigit(c))
            {
                inside = true;
            }
        }

        return Math.Max(1, count + (inside ? 1 : 0));
    }
}
