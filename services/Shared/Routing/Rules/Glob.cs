namespace Gateway.Routing.Rules;

/// <summary>Matches a text against a pattern in which <c>*</c> stands for any characters and <c>?</c> for one.</summary>
public static class Glob
{
    /// <summary>True when the whole text matches. Takes at most the product of both lengths in steps and allocates nothing.</summary>
    public static bool IsMatch(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        var (t, p, star, resume) = (0, 0, -1, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == text[t]))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                // Only the last star need take more: an earlier one that did would leave the later ones no better off.
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }
}
