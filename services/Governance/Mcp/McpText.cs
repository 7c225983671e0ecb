namespace Gateway.Governance.Mcp;

/// <summary>Texts of calls as a database takes them.</summary>
internal static class McpText
{
    /// <summary>The text, at most so long, without what a database refuses: the zero character and lone surrogates.</summary>
    public static string Clean(string text, int most)
    {
        var kept = text.Length <= most ? text : text[..most];
        return kept.Contains('\0', StringComparison.Ordinal) || kept.Any(char.IsSurrogate)
            ? string.Concat(kept.EnumerateRunes().Where(static r => r.Value != 0))
            : kept;
    }
}
