using System.Text.Json;

namespace Gateway.McpHub.Configuration;

/// <summary>How a server is reached. Two that serialise alike are the same: a change of any member begins the server's connections anew.</summary>
internal sealed record UpstreamSettings
{
    /// <summary>Its id, which comes before the names of its tools.</summary>
    public required string Id { get; init; }

    /// <summary>How it is spoken with.</summary>
    public UpstreamTransport Transport { get; set; }

    /// <summary>Its address; for <see cref="UpstreamTransport.OpenApi"/> the one that the paths of the document follow, null for the document's own.</summary>
    public string? Url { get; init; }

    /// <summary>Headers of every request, credentials included.</summary>
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>The program, for <see cref="UpstreamTransport.Stdio"/>.</summary>
    public StdioSettings? Stdio { get; init; }

    /// <summary>The document, for <see cref="UpstreamTransport.OpenApi"/>.</summary>
    public OpenApiSettings? OpenApi { get; init; }

    /// <summary>OAuth 2.1, when the server wants tokens of it. Null where it is not to be tried.</summary>
    public OAuthSettings? OAuth { get; init; }

    /// <summary>Time for a request, progress included. Default 60 s; 0.1 s to an hour.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Largest message of the server, in bytes. Default 8 MiB.</summary>
    public int MaxResponseBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Most requests under way at the server at a time; further ones wait within their time. Default 64.</summary>
    public int MaxConcurrent { get; set; } = 64;

    /// <summary>Whether link-local and metadata addresses may be called. Default no.</summary>
    public bool AllowLinkLocal { get; set; }

    /// <summary>Whether tools may be called that the server does not list. Default no; for measuring a server against the hub, never with governance.</summary>
    public bool CallUnlisted { get; set; }

    /// <summary>Text by which two settings are compared.</summary>
    public string Fingerprint() => JsonSerializer.Serialize(this, ConfigurationJson.Default.UpstreamSettings);

    // Headers and environments hold credentials.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append("Id = ").Append(Id).Append(", Transport = ").Append(Transport);
        return true;
    }
}

/// <summary>How a server is spoken with.</summary>
internal enum UpstreamTransport
{
    /// <summary>Streamable HTTP; where the server knows only the older HTTP with SSE, that.</summary>
    Http,

    /// <summary>HTTP with SSE, of the revision 2024-11-05.</summary>
    Sse,

    /// <summary>A program that the hub runs.</summary>
    Stdio,

    /// <summary>An HTTP API that an OpenAPI document describes.</summary>
    OpenApi,
}

/// <summary>A program that speaks MCP on its standard streams.</summary>
internal sealed record StdioSettings
{
    /// <summary>The program: a path, or a name to look up on the hub's PATH.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments, passed as they are: there is no shell.</summary>
    public List<string> Arguments { get; set; } = [];

    /// <summary>Variables set for it.</summary>
    public Dictionary<string, string> Environment { get; set; } = [];

    /// <summary>Names of the hub's own variables that it gets besides PATH, HOME, LANG, TZ and TMPDIR. Nothing else is passed on.</summary>
    public List<string> PassedOn { get; set; } = [];

    /// <summary>Its working folder; null for a folder of its own below the hub's data.</summary>
    public string? Folder { get; init; }

    /// <summary>Most address space of each of its processes, in bytes. Null for no limit.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Most CPU time of each of its processes, in seconds. Null for no limit.</summary>
    public int? MaxCpuSeconds { get; init; }

    /// <summary>Whether each conversation of a client has a process of its own. Default no: one for all.</summary>
    public bool PerSession { get; set; }
}

/// <summary>An HTTP API as tools.</summary>
internal sealed record OpenApiSettings
{
    /// <summary>The OpenAPI 3 document, JSON or YAML; empty where it is fetched.</summary>
    public string Document { get; set; } = "";

    /// <summary>Where it is fetched, when <see cref="Document"/> is empty.</summary>
    public string? DocumentUrl { get; init; }

    /// <summary>Operations to offer, by <c>operationId</c> or <c>METHOD /path</c> with <c>*</c>. Empty for all.</summary>
    public List<string> Include { get; set; } = [];

    /// <summary>Operations not to offer, of those included.</summary>
    public List<string> Exclude { get; set; } = [];

    /// <summary>The security scheme of the document that <see cref="Credential"/> is for; null for the only one.</summary>
    public string? SecurityScheme { get; init; }

    /// <summary>The key, token, or <c>user:password</c> of that scheme; null where the server's headers carry what is needed.</summary>
    public string? Credential { get; init; }

    /// <summary>What of the answers is passed on, by the first that fits.</summary>
    public List<AnswerShape> Shapes { get; set; } = [];
}

/// <summary>What of an operation's answer is passed on.</summary>
internal sealed record AnswerShape
{
    /// <summary>Which operations, as in <see cref="OpenApiSettings.Include"/>.</summary>
    public required string Operation { get; init; }

    /// <summary>Paths of members that are kept, such as <c>items.name</c>, going through lists; empty for all.</summary>
    public List<string> Keep { get; set; } = [];

    /// <summary>Most elements of any list; null for all.</summary>
    public int? MaxItems { get; init; }

    /// <summary>Most characters of any text; null for all.</summary>
    public int? MaxTextLength { get; init; }
}

/// <summary>OAuth 2.1 towards a server.</summary>
internal sealed record OAuthSettings
{
    /// <summary>Client id that was registered by hand; empty to register when needed.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Its secret; null for a public client.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>Scopes to ask for; empty for those that the server names.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>Whether each user connects an account of his own; otherwise the hub has one token, by client credentials.</summary>
    public bool PerUser { get; set; }

    /// <summary>The authorization server, where the server does not name it.</summary>
    public string? Issuer { get; init; }
}

/// <summary>A named selection of tools.</summary>
internal sealed record ToolBundle
{
    /// <summary>Its id, as in <c>/mcp/{bundle}</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Patterns <c>server/tool</c> with <c>*</c>; an entry without a slash is all of a server.</summary>
    public List<string> Tools { get; set; } = [];
}
