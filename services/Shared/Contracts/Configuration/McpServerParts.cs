namespace Gateway.Contracts.Configuration;

/// <summary>A program that speaks MCP over its standard input and output.</summary>
public sealed record McpStdioEntry
{
    /// <summary>The program: a path, or a name that is looked for in the hub's <c>PATH</c>. No shell is used.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments, each as one. At most 100 of 4,096 characters. Nothing secret: other programs of the machine can see them.</summary>
    public IReadOnlyList<string> Arguments { get; set; } = [];

    /// <summary>Names of variables of the hub's own environment that it gets, besides <c>PATH</c>, <c>HOME</c> and the locale. At most 100.</summary>
    public IReadOnlyList<string> PassEnvironment { get; set; } = [];

    /// <summary>Variables that are set for it. At most 100.</summary>
    public IReadOnlyList<McpVariable> Environment { get; set; } = [];

    /// <summary>The folder it works in, absolute; null: an empty one of its own.</summary>
    public string? Folder { get; init; }

    /// <summary>Most memory in bytes, where the system allows to say so; null: no limit. 16 MiB to 1 TiB.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Most seconds of processor time in its life, where the system allows to say so; null: no limit. 1 to 1,000,000.</summary>
    public int? MaxCpuSeconds { get; init; }

    /// <summary>True: one process for each session of a caller, so that nothing one caller does is seen by another. False (default): one for all.</summary>
    public bool PerSession { get; set; }
}

/// <summary>A variable of a program's environment: a value, or a credential whose secret is the value.</summary>
public sealed record McpVariable
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its value, which is shown to whoever may read the server; null with <see cref="CredentialId"/>.</summary>
    public string? Value { get; init; }

    /// <summary>The credential, of this server, whose secret is the value; null with <see cref="Value"/>.</summary>
    public string? CredentialId { get; init; }
}

/// <summary>A REST interface that becomes a server of tools.</summary>
public sealed record McpOpenApiEntry
{
    /// <summary>The OpenAPI 3 document itself, JSON or YAML; empty where it is fetched. At most 4 MiB.</summary>
    public string Document { get; set; } = "";

    /// <summary>Where the document is fetched, when <see cref="Document"/> is empty; http or https.</summary>
    public string? DocumentUrl { get; init; }

    /// <summary>Operations that become tools, by <c>operationId</c> or <c>METHOD /path</c>, one <c>*</c> allowed in each. Empty: all.</summary>
    public IReadOnlyList<string> Include { get; set; } = [];

    /// <summary>Operations that do not, of those included.</summary>
    public IReadOnlyList<string> Exclude { get; set; } = [];

    /// <summary>The security scheme of the document that <see cref="McpServerEntry.Auth"/> stands for; null: the only one, or a header as <see cref="McpAuthEntry"/> says.</summary>
    public string? SecurityScheme { get; init; }

    /// <summary>What of the answers is passed on, by the first entry that fits. At most 200.</summary>
    public IReadOnlyList<McpShape> Shapes { get; set; } = [];
}

/// <summary>What of an operation's answer is passed on.</summary>
public sealed record McpShape
{
    /// <summary>Which operations, as in <see cref="McpOpenApiEntry.Include"/>.</summary>
    public required string Operation { get; init; }

    /// <summary>Paths of members that are kept, such as <c>items.name</c>, going through arrays; empty: all.</summary>
    public IReadOnlyList<string> Keep { get; set; } = [];

    /// <summary>Most elements of any array; null: all.</summary>
    public int? MaxItems { get; init; }

    /// <summary>Most characters of any text; null: all.</summary>
    public int? MaxTextLength { get; init; }
}

/// <summary>How the hub proves to a server who it is: a header, or OAuth.</summary>
public sealed record McpAuthEntry
{
    /// <summary>The credential, of this server: the value of the header, or with <see cref="OAuth"/> the client's secret. Null: none.</summary>
    public string? CredentialId { get; init; }

    /// <summary>The header that carries the secret. Default <c>Authorization</c>.</summary>
    public string Header { get; set; } = "Authorization";

    /// <summary>What stands before the secret in the header, with a space after it. Default <c>Bearer</c>; empty: nothing.</summary>
    public string Scheme { get; set; } = "Bearer";

    /// <summary>OAuth 2.1; null: the secret is sent as it is.</summary>
    public McpOAuthEntry? OAuth { get; init; }
}

/// <summary>OAuth 2.1 towards a server: its authorization server is found by the server's own metadata.</summary>
public sealed record McpOAuthEntry
{
    /// <summary>The client's id; empty: the hub registers itself.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Scopes that are asked for; empty: those the server names.</summary>
    public IReadOnlyList<string> Scopes { get; set; } = [];

    /// <summary>True: a token for each user, who is asked to sign in. False (default): one token of the hub's own, by client credentials.</summary>
    public bool PerUser { get; set; }

    /// <summary>The authorization server, where the MCP server does not name it; null: as it says.</summary>
    public string? Issuer { get; init; }
}
