namespace Gateway.Mcp.Matching;

/// <summary>Some tools, as <c>server/tool</c> with <c>*</c> in each part where wanted.</summary>
public sealed class ToolPattern
{
    private readonly Wildcard _server;
    private readonly Wildcard _tool;

    /// <summary>Makes one. A text without a slash selects nothing.</summary>
    /// <param name="text">The pattern.</param>
    public ToolPattern(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        _server = new Wildcard(slash < 0 ? "" : text[..slash]);
        _tool = new Wildcard(slash < 0 ? "" : text[(slash + 1)..]);
    }

    /// <summary>Whether it selects a tool.</summary>
    /// <param name="server">The server's id.</param>
    /// <param name="tool">The tool's own name.</param>
    public bool Selects(string server, string tool) => _server.Matches(server) && _tool.Matches(tool);

    /// <summary>Patterns, ready to be asked.</summary>
    /// <param name="texts">The patterns.</param>
    public static IReadOnlyList<ToolPattern> Of(IEnumerable<string> texts) => [.. texts.Select(static t => new ToolPattern(t))];
}
