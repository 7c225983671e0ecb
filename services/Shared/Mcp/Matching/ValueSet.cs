namespace Gateway.Mcp.Matching;

/// <summary>Texts that an argument may have: those that one of some wildcards stands for.</summary>
/// <param name="patterns">The wildcards.</param>
public sealed class ValueSet(IEnumerable<string> patterns)
{
    /// <summary>The wildcards.</summary>
    public IReadOnlyList<Wildcard> Patterns { get; } = [.. patterns.Select(static p => new Wildcard(p))];

    /// <summary>Whether a text is among them, for a rule that forbids: <c>..</c> is nothing special.</summary>
    /// <param name="text">The text.</param>
    public bool Has(ReadOnlySpan<char> text)
    {
        foreach (var pattern in Patterns)
        {
            if (pattern.Matches(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a text is among them, for a rule that allows: a path that climbs is not below the folder that it begins with.</summary>
    /// <param name="text">The text.</param>
    public bool HasSafely(ReadOnlySpan<char> text)
    {
        var climbs = Climbs(text);
        foreach (var pattern in Patterns)
        {
            if (!(climbs && pattern.IsPath) && pattern.Matches(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a text has a segment <c>..</c>.</summary>
    /// <param name="text">The text.</param>
    public static bool Climbs(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOf("..", StringComparison.Ordinal); at >= 0;)
        {
            if ((at == 0 || text[at - 1] is '/' or '\\') && (at + 2 == text.Length || text[at + 2] is '/' or '\\'))
            {
                return true;
            }

            var next = text[(at + 1)..].IndexOf("..", StringComparison.Ordinal);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return false;
    }
}
