namespace Gateway.Contracts;

/// <summary>Names shared by all services: headers, environment variables, files, service names.</summary>
public static class WireNames
{
    /// <summary>Header that carries the internal token on every <c>/internal/*</c> call.</summary>
    public const string InternalTokenHeader = "x-gateway-internal-token";

    /// <summary>
    /// Header by which the edge tells other services whose request it passes on: the id of the virtual key. Taken away
    /// from what callers send; only to be believed together with the internal token.
    /// </summary>
    public const string CallerHeader = "x-gateway-caller";

    /// <summary>Headers besides <see cref="CallerHeader"/> by which the edge tells the hub who calls: the key's team, its customer, the end user, the session; all URI-escaped. Left out where there is none.</summary>
    public const string CallerTeamHeader = "x-gateway-caller-team";

    /// <summary>See <see cref="CallerTeamHeader"/>.</summary>
    public const string CallerCustomerHeader = "x-gateway-caller-customer";

    /// <summary>See <see cref="CallerTeamHeader"/>.</summary>
    public const string CallerEndUserHeader = "x-gateway-caller-end-user";

    /// <summary>See <see cref="CallerTeamHeader"/>.</summary>
    public const string CallerSessionHeader = "x-gateway-caller-session";

    /// <summary>Header by which the edge tells the hub what the calls of a program may cost together: nano-US-dollars, held on the caller's budgets.</summary>
    public const string McpHoldHeader = "x-gateway-mcp-hold";

    /// <summary>Member of <c>_meta</c> in the result of a program by which the hub tells the edge what its calls cost, in nano-US-dollars.</summary>
    public const string McpCostMember = "gateway/cost-nano-usd";

    /// <summary>Member of <c>data</c> in an error of the hub by which it tells the edge that the tool may have run all the same. An error without it is of a call that was not made.</summary>
    public const string McpMayHaveRunMember = "gateway/may-have-run";

    /// <summary>
    /// Header of the snapshot long poll with the id of the store that versions count in: in the answer governance's own, in the question that
    /// of the version named by <c>after</c>. Versions of different sources cannot be compared: a question with another source is answered as <c>after=0</c>.
    /// </summary>
    public const string SnapshotSourceHeader = "x-gateway-snapshot-source";

    /// <summary>Set to <see cref="SnapshotDifference"/> on an answer that holds a difference instead of a whole configuration.</summary>
    public const string SnapshotFormHeader = "x-gateway-snapshot-form";

    /// <summary>The form of a difference, as an edge that can read one asks for it with <c>form=</c>.</summary>
    public const string SnapshotDifference = "difference";

    /// <summary>Where the edge asks other services for rules of guardrails that the hub runs.</summary>
    public const string GuardRulesPath = "/internal/guardrails/rules";

    /// <summary>Configuration key of the internal token (<c>Gateway__InternalToken</c> as an environment variable).</summary>
    public const string InternalTokenKey = "Gateway:InternalToken";

    /// <summary>Configuration key of the folder for state (<c>Gateway__DataDirectory</c>). Default <c>.gateway</c> in the working directory.</summary>
    public const string DataDirectoryKey = "Gateway:DataDirectory";

    /// <summary>Configuration key of the public port (<c>Gateway__Port</c>). Default <see cref="DefaultPort"/>.</summary>
    public const string PortKey = "Gateway:Port";

    /// <summary>The public port when none is asked for.</summary>
    public const int DefaultPort = 8080;

    /// <summary>File in the data folder with the bootstrap admin key, mode 0600.</summary>
    public const string AdminKeyFile = "admin.key";

    /// <summary>File in the data folder with the default virtual key of a development machine, mode 0600.</summary>
    public const string DevKeyFile = "dev.key";

    /// <summary>Id and public model name of the local demo provider.</summary>
    public const string Demo = "demo";

    /// <summary>Service name of the edge.</summary>
    public const string Edge = "edge";

    /// <summary>Service name of governance.</summary>
    public const string Governance = "governance";

    /// <summary>Service name of the semantic cache.</summary>
    public const string SemanticCache = "semanticcache";

    /// <summary>Service name of the guardrail service.</summary>
    public const string Guardrails = "guardrails";

    /// <summary>Service name of the MCP hub.</summary>
    public const string McpHub = "mcphub";

    /// <summary>Connection string name of Postgres (<c>ConnectionStrings__gatewaydb</c>).</summary>
    public const string PostgresConnection = "gatewaydb";

    /// <summary>What the names begin with under which the gateway's processes are known to Postgres, each with one of its own.</summary>
    public const string PostgresClientPrefix = "gateway-";

    /// <summary>Connection string name of Redis (<c>ConnectionStrings__redis</c>).</summary>
    public const string RedisConnection = "redis";

    /// <summary>Connection string name of Qdrant (<c>ConnectionStrings__qdrant</c>).</summary>
    public const string QdrantConnection = "qdrant";
}
