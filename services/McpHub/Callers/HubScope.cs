namespace Gateway.McpHub.Callers;

/// <summary>Which part of the catalogue an address shows.</summary>
/// <param name="Kind">What the address names.</param>
/// <param name="Id">Id of the server or bundle; null for all.</param>
internal readonly record struct HubScope(HubScopeKind Kind, string? Id)
{
    /// <summary><c>/mcp</c>: every tool that the caller may use.</summary>
    public static HubScope All => default;

    /// <summary><c>/mcp/{server}</c>: the tools of one server, under the names it gave them.</summary>
    public static HubScope Server(string id) => new(HubScopeKind.Server, id);

    /// <summary><c>/mcp/{bundle}</c>: the tools of a named bundle.</summary>
    public static HubScope Bundle(string id) => new(HubScopeKind.Bundle, id);

    /// <summary>Whether names are those of the server itself, without its id before them.</summary>
    public bool HasBareNames => Kind == HubScopeKind.Server;
}

/// <summary>What an address of the hub names.</summary>
internal enum HubScopeKind
{
    /// <summary>The whole catalogue.</summary>
    All,

    /// <summary>One server.</summary>
    Server,

    /// <summary>One bundle.</summary>
    Bundle,
}
