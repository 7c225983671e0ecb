namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of <c>mcpServers</c>, <c>mcpBundles</c> and <c>mcpPolicies</c>, which an edge that runs alone gives to the hub.</summary>
internal static class McpRows
{
    private const string ToolsForm = "server/tool, one * allowed in each part";
    private const string AddressForm = "an absolute http or https address";

    public static string[] Labels => ["untrusted", "private", "external"];

    private static string[] Transports => ["http", "sse", "stdio", "openApi"];

    private static string[] Trusts => ["review", "all"];

    private static string[] Approvals => ["none", "admin", "caller"];

    // No field holds them: the table of all keys asks for these while it is made itself.
    public static IEnumerable<Setting> All =>
    [
        new("mcpServers", SettingType.Map, "Servers of tools behind the MCP hub, by id; see [mcp.md](mcp.md#a-hub-beside-an-edge-that-runs-alone). The id must have at most 32 lower-case letters, digits, `-` and single `_`."),
        new("mcpServers.<id>", SettingType.Section, "A server."),
        new("mcpServers.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = "text of at most 200 characters" },
        new("mcpServers.<id>.description", SettingType.Text, "What it is for, for the search of tools.") { Form = "text of at most 1000 characters" },
        new("mcpServers.<id>.enabled", SettingType.Flag, "false: none of its tools is there.") { Default = "true" },
        new("mcpServers.<id>.transport", SettingType.Choice, "How it is spoken to: streamable HTTP, the older HTTP with events, a program of its own, or a REST interface whose operations become tools.") { Choices = Transports, Default = "http" },
        new("mcpServers.<id>.url", SettingType.Text, "Its address. Not with `stdio`; with `openApi` the address that paths are appended to.") { Form = AddressForm, Expands = true },
        new("mcpServers.<id>.allowLinkLocal", SettingType.Flag, "Whether the address may be link-local. Cloud metadata addresses are refused always.") { Default = "false" },
        new("mcpServers.<id>.headers", SettingType.TextMap, "Fixed headers added to every call; at most 20.") { Form = "header values", Secret = true, Expands = true },
        new("mcpServers.<id>.auth", SettingType.Section, "How the hub proves who it is. Not with `stdio`."),
        new("mcpServers.<id>.auth.secret", SettingType.Text, "The value of the header, or with `oauth` the client's secret.") { Form = "a secret, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("mcpServers.<id>.auth.header", SettingType.Text, "The header that carries the secret.") { Form = "an HTTP header name", Default = "Authorization" },
        new("mcpServers.<id>.auth.scheme", SettingType.Text, "What stands before the secret; `none`: nothing.") { Form = "letters, digits, - and _", Default = "Bearer" },
        new("mcpServers.<id>.auth.oauth", SettingType.Section, "OAuth 2.1 towards the server."),
        new("mcpServers.<id>.auth.oauth.clientId", SettingType.Text, "The client's id. Absent: the hub registers itself.") { Form = "a client id", Expands = true },
        new("mcpServers.<id>.auth.oauth.scopes", SettingType.TextList, "Scopes that are asked for. Absent: those the server names.") { Form = "scopes" },
        new("mcpServers.<id>.auth.oauth.perUser", SettingType.Flag, "Whether each user signs in; otherwise the hub has one token, by client credentials.") { Default = "false" },
        new("mcpServers.<id>.auth.oauth.issuer", SettingType.Text, "The authorization server, where the MCP server does not name it.") { Form = AddressForm, Expands = true },
        new("mcpServers.<id>.stdio", SettingType.Section, "The program; required with `transport: stdio`, and only there."),
        new("mcpServers.<id>.stdio.command", SettingType.Text, "The program: a path, or a name that is looked for in the hub's `PATH`.") { Form = "a program", Required = true, Expands = true },
        new("mcpServers.<id>.stdio.arguments", SettingType.TextList, "Its arguments, each as one; at most 100.") { Form = "arguments", Expands = true },
        new("mcpServers.<id>.stdio.passEnvironment", SettingType.TextList, "Variables of the hub's own environment that it gets, besides `PATH`, `HOME` and the locale.") { Form = "names of variables" },
        new("mcpServers.<id>.stdio.environment", SettingType.TextMap, "Variables that are set for it; at most 100.") { Form = "values, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("mcpServers.<id>.stdio.folder", SettingType.Text, "The folder it works in. Absent: an empty one of its own.") { Form = "an absolute path", Expands = true },
        new("mcpServers.<id>.stdio.maxMemoryBytes", SettingType.Integer, "Most memory.") { Min = 16L * 1024 * 1024, Max = 1024L * 1024 * 1024 * 1024 },
        new("mcpServers.<id>.stdio.maxCpuSeconds", SettingType.Integer, "Most processor time in its life.") { Min = 1, Max = 1_000_000 },
        new("mcpServers.<id>.stdio.perSession", SettingType.Flag, "Whether each session of a caller has a process of its own.") { Default = "false" },
        new("mcpServers.<id>.openApi", SettingType.Section, "What tools are made of; required with `transport: openApi`, and only there."),
        new("mcpServers.<id>.openApi.document", SettingType.Text, "The OpenAPI 3 document, JSON or YAML; this or `documentUrl`.") { Form = "a document as text, or ${file:PATH} of at most 64 KiB", Expands = true },
        new("mcpServers.<id>.openApi.documentUrl", SettingType.Text, "Where the document is fetched.") { Form = AddressForm, Expands = true },
        new("mcpServers.<id>.openApi.include", SettingType.TextList, "Operations that become tools. Absent: all.") { Form = "operation ids or METHOD /path, one * allowed in each" },
        new("mcpServers.<id>.openApi.exclude", SettingType.TextList, "Operations that do not, of those.") { Form = "operation ids or METHOD /path, one * allowed in each" },
        new("mcpServers.<id>.openApi.securityScheme", SettingType.Text, "The document's security scheme that `auth` stands for.") { Form = "a name of the document" },
        new("mcpServers.<id>.openApi.shapes", SettingType.List, "What of answers is passed on, by the first that fits; at most 200."),
        new("mcpServers.<id>.openApi.shapes[]", SettingType.Section, "A shape."),
        new("mcpServers.<id>.openApi.shapes[].operation", SettingType.Text, "Which operations.") { Form = "an operation id or METHOD /path, one * allowed", Required = true },
        new("mcpServers.<id>.openApi.shapes[].keep", SettingType.TextList, "Members that are kept. Absent: all.") { Form = "paths such as items.name" },
        new("mcpServers.<id>.openApi.shapes[].maxItems", SettingType.Integer, "Most elements of any list.") { Min = 1, Max = 1_000_000 },
        new("mcpServers.<id>.openApi.shapes[].maxTextLength", SettingType.Integer, "Most characters of any text.") { Min = 1, Max = 100_000_000 },
        new("mcpServers.<id>.timeoutSeconds", SettingType.Integer, "Longest time of one call.") { Min = 1, Max = 3_600, Default = "60" },
        new("mcpServers.<id>.maxResponseBytes", SettingType.Integer, "Largest answer.") { Min = 1024, Max = 64 * 1024 * 1024, Default = "8388608" },
        new("mcpServers.<id>.maxConcurrentCalls", SettingType.Integer, "Most calls at the same time; further ones wait within their timeout.") { Min = 1, Max = 10_000, Default = "64" },
        new("mcpServers.<id>.trust", SettingType.Choice, "When a tool is there: when `approved` has its fingerprint (`review`), or always (`all`). Trust on first use needs governance, which remembers what was first.") { Choices = Trusts, Default = "review" },
        new("mcpServers.<id>.approved", SettingType.TextMap, "Fingerprints of the definitions that somebody looked at, by the tools' own names. The edge's log has the line to add for each tool that is withheld.") { Form = "64 hexadecimal digits" },
        new("mcpServers.<id>.withheld", SettingType.TextList, "Tools that are not there, whatever their definition.") { Form = "the tools' own names" },
        new("mcpServers.<id>.labels", SettingType.TextList, "What its tools bring into a session and carry out of it; see [mcp-governance.md](mcp-governance.md#data-flow).") { Form = string.Join(", ", Labels) },
        new("mcpServers.<id>.tools", SettingType.List, "What holds for some of its tools. Of each member the first entry counts that fits and has it; at most 500."),
        new("mcpServers.<id>.tools[]", SettingType.Section, "Settings of tools."),
        new("mcpServers.<id>.tools[].tool", SettingType.Text, "Which tools.") { Form = "a tool's own name, one * allowed", Required = true },
        new("mcpServers.<id>.tools[].enabled", SettingType.Flag, "false: nobody sees or calls them.") { Default = "true" },
        new("mcpServers.<id>.tools[].priceUsd", SettingType.Amount, "What a call costs, in US dollars.") { Min = 0, Max = 1_000 },
        new("mcpServers.<id>.tools[].timeoutSeconds", SettingType.Integer, "Takes the place of the server's.") { Min = 1, Max = 3_600 },
        new("mcpServers.<id>.tools[].limitPerMinute", SettingType.Integer, "Most calls a minute of each of these tools, all callers together.") { Min = 1, Max = 1_000_000 },
        new("mcpServers.<id>.tools[].approval", SettingType.Choice, "Whether each call waits until somebody approves it. Absent: as the next entry that fits says. Without governance only `caller` can, where his client asks a person; what needs an administrator is refused.") { Choices = Approvals },
        new("mcpServers.<id>.tools[].labels", SettingType.TextList, "Takes the place of the server's; `[]`: none.") { Form = string.Join(", ", Labels) },

        new("mcpBundles", SettingType.Map, "Some tools under one address, `/mcp/ID`, whatever servers they are of. No bundle has the id of a server."),
        new("mcpBundles.<id>", SettingType.Section, "A bundle."),
        new("mcpBundles.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = "text of at most 200 characters" },
        new("mcpBundles.<id>.description", SettingType.Text, "What it is for; clients are told it.") { Form = "text of at most 1000 characters" },
        new("mcpBundles.<id>.enabled", SettingType.Flag, "false: its address is not there.") { Default = "true" },
        new("mcpBundles.<id>.tools", SettingType.TextList, "Its tools; 1 to 500.") { Form = ToolsForm, Required = true },

        new("mcpPolicies", SettingType.Map, "Who may use which tools, by id; see [mcp-governance.md](mcp-governance.md#policies)."),
        new("mcpPolicies.<id>", SettingType.Section, "A policy. All that apply to a caller must let a call pass."),
        new("mcpPolicies.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = "text of at most 200 characters" },
        new("mcpPolicies.<id>.enabled", SettingType.Flag, "false: it is not applied.") { Default = "true" },
        new("mcpPolicies.<id>.order", SettingType.Integer, "Of several that refuse, the lowest gives the reason.") { Min = 0, Max = 10_000, Default = "100" },
        new("mcpPolicies.<id>.appliesTo", SettingType.Section, "Whose calls it applies to: each list that is given must name what the caller has. Absent: everybody's."),
        new("mcpPolicies.<id>.appliesTo.customers", SettingType.TextList, "Customers.") { Form = "ids of `customers`" },
        new("mcpPolicies.<id>.appliesTo.teams", SettingType.TextList, "Teams.") { Form = "ids of `teams`" },
        new("mcpPolicies.<id>.appliesTo.keys", SettingType.TextList, "Virtual keys.") { Form = "ids of `keys`" },
        new("mcpPolicies.<id>.appliesTo.tags", SettingType.TextList, "Tags of the key, any of which is enough.") { Form = "tags" },
        .. Calls("mcpPolicies.<id>.allow", "Calls that pass. Absent: all but those of `deny`; at most 200."),
        .. Calls("mcpPolicies.<id>.deny", "Calls that do not, whatever `allow` says; at most 200."),
        new("mcpPolicies.<id>.approve", SettingType.List, "Calls that wait until somebody approves them; at most 200."),
        new("mcpPolicies.<id>.approve[]", SettingType.Section, "A rule."),
        new("mcpPolicies.<id>.approve[].calls", SettingType.Section, "Which calls.") { Required = true },
        .. CallKeys("mcpPolicies.<id>.approve[].calls"),
        new("mcpPolicies.<id>.approve[].by", SettingType.Choice, "Who approves.") { Choices = Approvals[1..], Default = "admin" },
        new("mcpPolicies.<id>.limits", SettingType.List, "Rate limits; at most 50."),
        new("mcpPolicies.<id>.limits[]", SettingType.Section, "A limit."),
        new("mcpPolicies.<id>.limits[].tools", SettingType.TextList, "Tools, which share it; 1 to 200.") { Form = ToolsForm, Required = true },
        new("mcpPolicies.<id>.limits[].perMinute", SettingType.Integer, "Most calls a minute.") { Min = 1, Max = 1_000_000, Required = true },
        new("mcpPolicies.<id>.limits[].perKey", SettingType.Flag, "true: each virtual key has its own; false: all callers that the policy applies to share one.") { Default = "true" },
        new("mcpPolicies.<id>.dataFlow", SettingType.Choice, "What happens when a session that read untrusted or private data is about to send something outside. Absent: as the other policies say, else `approve`.") { Choices = ["allow", "approve", "deny"] },
        new("mcpPolicies.<id>.guardrailPolicies", SettingType.TextList, "Guardrail policies that arguments and results go through besides those that apply anyway.") { Form = GuardrailRows.PolicyForm },
    ];

    private static IEnumerable<Setting> Calls(string path, string meaning) =>
    [
        new(path, SettingType.List, meaning),
        new($"{path}[]", SettingType.Section, "Calls of some tools."),
        .. CallKeys($"{path}[]"),
    ];

    private static IEnumerable<Setting> CallKeys(string path) =>
    [
        new($"{path}.tools", SettingType.TextList, "Their tools; 1 to 200.") { Form = ToolsForm, Required = true },
        new($"{path}.arguments", SettingType.List, "What the arguments must be, all of it. Absent: anything; at most 20."),
        new($"{path}.arguments[]", SettingType.Section, "A condition."),
        new($"{path}.arguments[].path", SettingType.Text, "Which argument, names within it after dots.") { Form = "a path such as issue.owner", Required = true },
        new($"{path}.arguments[].values", SettingType.TextList, "Texts of which one must fit as a whole; 1 to 100.") { Form = "texts, * for any characters", Required = true },
    ];
}
