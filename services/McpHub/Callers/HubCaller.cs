namespace Gateway.McpHub.Callers;

/// <summary>On whose behalf the hub works: what the edge established about a request, or what a part of the gateway that calls tools itself says.</summary>
internal sealed record HubCaller
{
    /// <summary>Nobody in particular: the hub's own listings and health checks.</summary>
    public static readonly HubCaller Hub = new() { KeyId = "" };

    /// <summary>Id of the virtual key. Empty only for <see cref="Hub"/>.</summary>
    public required string KeyId { get; init; }

    /// <summary>Team of the key, if it has one.</summary>
    public string? Team { get; init; }

    /// <summary>Customer of the key, if it has one.</summary>
    public string? Customer { get; init; }

    /// <summary>The end user: the subject of a JWT, or whom the application named. Null when nobody was named.</summary>
    public string? EndUser { get; init; }

    /// <summary>
    /// What calls of one conversation have in common: the id of an MCP session, or what agent mode and code mode give to theirs.
    /// Null for a request without sessions.
    /// </summary>
    public string? Session { get; init; }

    /// <summary>How the call came about.</summary>
    public CallOrigin Origin { get; init; }

    /// <summary>
    /// Most that the calls of this request may cost together, in nano-US-dollars, as the edge holds it on the key's budgets (<c>x-gateway-mcp-hold</c>).
    /// Null when the edge holds nothing for nested calls.
    /// </summary>
    public long? HoldNanos { get; init; }

    /// <summary>Whose tokens are used at servers that know their users: the end user under his key, else the key.</summary>
    public string Identity => EndUser is null ? KeyId : $"{KeyId}/{EndUser}";
}

/// <summary>How a call of a tool came about.</summary>
internal enum CallOrigin
{
    /// <summary>By an MCP client.</summary>
    Client,

    /// <summary>By the edge's loop of agent mode.</summary>
    Agent,

    /// <summary>By a program of code mode.</summary>
    Program,

    /// <summary>By an administrator who tries a tool.</summary>
    Playground,
}
