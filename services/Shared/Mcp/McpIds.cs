namespace Gateway.Mcp;

/// <summary>The form of ids of servers and bundles, and of tools.</summary>
public static class McpIds
{
    /// <summary>Most characters of a server's or bundle's id.</summary>
    public const int MostLength = 32;

    /// <summary>Most characters of a tool's own name; tools with longer ones are left out.</summary>
    public const int MostToolLength = 256;

    /// <summary>Stands where a server's id does for the tools that the hub offers itself; no server and bundle can have it.</summary>
    public const string Hub = "gateway";

    /// <summary>What an id must look like; a sentence that goes on after its place.</summary>
    public const string Form = "must have at most 32 lower-case letters, digits, '-' and single '_', with a letter or digit at both ends";

    /// <summary>True for an id of the right form. Two <c>_</c> stand between a server's id and its tool's name, so an id has none.</summary>
    /// <param name="text">The id.</param>
    public static bool IsGood(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= MostLength
            && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')
            && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1])
            && !text.Contains("__", StringComparison.Ordinal);
    }

    /// <summary>True for a tool's own name that the hub can keep: 1 to <see cref="MostToolLength"/> characters, none of them a control character.</summary>
    /// <param name="name">The name.</param>
    public static bool IsGoodTool(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= MostToolLength && !name.Any(char.IsControl) && name.EnumerateRunes().All(static r => r.Value != 0xFFFD);
    }

    /// <summary>The id of a tool: <c>server/tool</c>.</summary>
    /// <param name="server">The server's id.</param>
    /// <param name="tool">The tool's own name.</param>
    public static string Tool(string server, string tool) => server + "/" + tool;

    /// <summary>The parts of a tool's id; null when it is none.</summary>
    /// <param name="id">The id.</param>
    public static (string Server, string Tool)? Split(string id)
    {
        ArgumentNullException.ThrowIfNull(id);

        // The server's id has no slash, the tool's own name may.
        var slash = id.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < id.Length - 1 ? (id[..slash], id[(slash + 1)..]) : null;
    }
}
