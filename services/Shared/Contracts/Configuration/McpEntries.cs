namespace Gateway.Contracts.Configuration;

/// <summary>A server of tools behind the MCP hub.</summary>
public sealed record McpServerEntry
{
    /// <summary>
    /// Unique id, and what its tools' names begin with (<c>id__tool</c>): at most 32 lower-case letters, digits, <c>-</c> and single <c>_</c>, a letter or digit at both ends. No server and bundle have the same.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Display name; empty: the id.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it is for, for people and for the search of tools. At most 1,000 characters.</summary>
    public string Description { get; set; } = "";

    /// <summary>False: it is kept, and none of its tools is there. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How it is spoken to. Default <see cref="McpTransport.Http"/>.</summary>
    public McpTransport Transport { get; set; } = McpTransport.Http;

    /// <summary>Its address, http or https; with <see cref="McpTransport.OpenApi"/> the address that paths are appended to, and empty for the document's own. Empty with <see cref="McpTransport.Stdio"/>.</summary>
    public string Url { get; set; } = "";

    /// <summary>True: <see cref="Url"/> may lead to a link-local address. Default false. Cloud metadata addresses are refused always.</summary>
    public bool AllowLinkLocal { get; set; }

    /// <summary>Headers that every call carries, besides those of <see cref="Auth"/>. Nothing secret: they are shown. At most 20.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>();

    /// <summary>The program of a server with <see cref="McpTransport.Stdio"/>; null for the others.</summary>
    public McpStdioEntry? Stdio { get; init; }

    /// <summary>What tools are made of with <see cref="McpTransport.OpenApi"/>; null for the others.</summary>
    public McpOpenApiEntry? OpenApi { get; init; }

    /// <summary>How the hub proves who it is; null: not at all.</summary>
    public McpAuthEntry? Auth { get; init; }

    /// <summary>Longest time of one call in seconds. Default 60; 1 to 3,600.</summary>
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Largest answer in bytes. Default 8 MiB; 1 KiB to 64 MiB.</summary>
    public int MaxResponseBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Most calls at the same time; further ones wait within their timeout. Default 64; 1 to 10,000.</summary>
    public int MaxConcurrentCalls { get; set; } = 64;

    /// <summary>When a tool may be used. Default <see cref="McpTrust.Review"/>.</summary>
    public McpTrust Trust { get; set; } = McpTrust.Review;

    /// <summary>What its tools bring into a session and carry out of it; see docs/mcp-governance.md. Default none.</summary>
    public IReadOnlyList<McpLabel> Labels { get; set; } = [];

    /// <summary>What holds for some of its tools. Of each member the first entry counts that fits and has it. At most 500.</summary>
    public IReadOnlyList<McpToolSettings> Tools { get; set; } = [];
}

/// <summary>What holds for some tools of a server.</summary>
public sealed record McpToolSettings
{
    /// <summary>Which tools: their own name, one <c>*</c> allowed.</summary>
    public required string Tool { get; init; }

    /// <summary>False: nobody sees or calls them. Null: as the next entry that fits says, else true.</summary>
    public bool? Enabled { get; init; }

    /// <summary>What a call costs, in nano-US-dollars, whether the tool says that it failed or not. Null: as the next entry that fits says, else 0. At most 1,000 USD.</summary>
    public long? PriceNanoUsd { get; init; }

    /// <summary>Takes the place of the server's timeout. 1 to 3,600.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Most calls a minute of each of these tools, all callers together. 1 to 1,000,000.</summary>
    public int? LimitPerMinute { get; init; }

    /// <summary>Whether each call waits until somebody approves it. Null: as the next entry that fits says, else <see cref="McpApproval.None"/>.</summary>
    public McpApproval? Approval { get; init; }

    /// <summary>Takes the place of the server's labels; an empty list means none. Null: as the next entry that fits says, else the server's.</summary>
    public IReadOnlyList<McpLabel>? Labels { get; init; }
}

/// <summary>Some tools under one address, <c>/mcp/ID</c>, whatever servers they are of.</summary>
public sealed record McpBundleEntry
{
    /// <summary>Unique id, of the same form as a server's.</summary>
    public required string Id { get; init; }

    /// <summary>Display name; empty: the id.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it is for; clients are told it. At most 1,000 characters.</summary>
    public string Description { get; set; } = "";

    /// <summary>False: its address is not there. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Its tools, as <c>server/tool</c> with one <c>*</c> in each part where wanted. 1 to 500. Whoever may not use a tool does not get it through a bundle either.</summary>
    public IReadOnlyList<string> Tools { get; set; } = [];
}

/// <summary>
/// What somebody approved: a tool as it was described then. Where <see cref="McpServerEntry.Trust"/> is not <see cref="McpTrust.All"/>, a tool is there exactly if one of
/// these has its fingerprint.
/// </summary>
public sealed record McpToolEntry
{
    /// <summary><c>server/tool</c>, with the tool's own name.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the tool's definition on its server, 64 lower-case hex digits; empty: no definition is approved.</summary>
    public string Fingerprint { get; set; } = "";

    /// <summary>True: the tool is withheld, whatever its definition. Default false.</summary>
    public bool Withheld { get; set; }
}

/// <summary>How a server is spoken to. Numbers are persisted: append only.</summary>
public enum McpTransport
{
    /// <summary>MCP's streamable HTTP.</summary>
    Http = 1,

    /// <summary>MCP's older HTTP with server-sent events.</summary>
    Sse = 2,

    /// <summary>A program of its own, over its standard input and output.</summary>
    Stdio = 3,

    /// <summary>No MCP server: a REST interface, whose operations become tools.</summary>
    OpenApi = 4,
}

/// <summary>When a tool may be used. Numbers are persisted: append only.</summary>
public enum McpTrust
{
    /// <summary>When somebody has approved its definition; a changed one is withheld until it is approved anew.</summary>
    Review = 1,

    /// <summary>From when it is first seen, unless its definition is suspicious; a changed one is withheld until it is approved.</summary>
    FirstUse = 2,

    /// <summary>Always, also when its definition changes. Changes are recorded.</summary>
    All = 3,
}

/// <summary>What a tool does to the data of a session. Numbers are persisted: append only.</summary>
public enum McpLabel
{
    /// <summary>Its results may hold what somebody outside wrote: web pages, mails, tickets.</summary>
    Untrusted = 1,

    /// <summary>Its results may hold what must not get out.</summary>
    Private = 2,

    /// <summary>Its arguments reach somebody outside: it sends, publishes or writes elsewhere.</summary>
    External = 3,
}

/// <summary>Whether a call waits until somebody approves it. Numbers are persisted: append only.</summary>
public enum McpApproval
{
    /// <summary>It does not wait.</summary>
    None = 1,

    /// <summary>An administrator of the gateway approves.</summary>
    Admin = 2,

    /// <summary>Whoever calls approves, where the client can ask a person; else an administrator.</summary>
    Caller = 3,
}
