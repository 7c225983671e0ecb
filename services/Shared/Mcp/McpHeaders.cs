namespace Gateway.Mcp;

/// <summary>Headers of calls to MCP servers.</summary>
public static class McpHeaders
{
    /// <summary>Whether a header is set by the hub, so that no entry may set it.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsReserved(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Accept", StringComparison.OrdinalIgnoreCase) || name.Equals("Connection", StringComparison.OrdinalIgnoreCase) || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("Mcp-", StringComparison.OrdinalIgnoreCase);
    }
}
