namespace Gateway.Governance.Entries;

/// <summary>What a row of <c>config_entries</c> holds. The texts are persisted: never change one.</summary>
internal static class EntryKinds
{
    public const string Provider = "provider";
    public const string Credential = "credential";
    public const string Deployment = "deployment";
    public const string Route = "route";
    public const string Customer = "customer";
    public const string Team = "team";
    public const string User = "user";
    public const string Budget = "budget";
    public const string Limit = "limit";
    public const string Key = "key";
    public const string PriceOverride = "priceOverride";
    public const string AlertChannel = "channel";
    public const string Issuer = "issuer";
    public const string Guardrail = "guardrail";
    public const string BillSource = "billSource";
    public const string CachePurge = "cachePurge";
    public const string McpServer = "mcpServer";
    public const string McpBundle = "mcpBundle";
    public const string McpPolicy = "mcpPolicy";
    public const string McpTool = "mcpTool";
    public const string Settings = "settings";
}
