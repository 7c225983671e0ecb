namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of <c>customers</c>, <c>teams</c>, <c>users</c> and <c>keys</c>, and the settings that concern them.</summary>
internal static class AccountRows
{
    private const string BudgetForm = "the id of one of `budgets`";
    private const string CustomerForm = "the id of one of `customers`";
    private const string TeamForm = "the id of one of `teams`";
    private const string TimeForm = "a date or time such as 2030-12-31 or 2030-12-31T18:00:00Z (UTC unless an offset is given)";
    private const string NameForm = "text of at most 200 characters";

    private static string[] LogLevels => ["none", "metadata", "bodies"];

    private static string[] RevokePolicies => ["finish", "cut"];

    // No field holds them: the table of all keys asks for these while it is made itself.
    public static IEnumerable<Setting> All() =>
    [
        new("keys", SettingType.Map, "Virtual keys by id: what callers authenticate with."),
        new("keys.<id>", SettingType.Section, "A virtual key; has either `value` or `sha256`."),
        new("keys.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = NameForm },
        new("keys.<id>.value", SettingType.Text, "The key itself; only its hash is kept. Better from a variable, or as `sha256`. New keys: `gw-` and 43 random letters and digits.") { Form = "16 to 256 visible ASCII characters, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("keys.<id>.sha256", SettingType.Text, "SHA-256 of the key's UTF-8 bytes (`printf %s KEY | sha256sum`).") { Form = "64 hexadecimal digits", Secret = true, Expands = true },
        new("keys.<id>.previousSha256", SettingType.Text, "SHA-256 of the key as it was before a rotation, accepted until `previousUntil`.") { Form = "64 hexadecimal digits", Secret = true, Expands = true },
        new("keys.<id>.previousUntil", SettingType.Text, "From when on the key before the rotation is refused; required with `previousSha256`.") { Form = TimeForm },
        new("keys.<id>.team", SettingType.Text, "The team the key belongs to. Absent: its user's.") { Form = TeamForm },
        new("keys.<id>.user", SettingType.Text, "The user the key belongs to.") { Form = "the id of one of `users`" },
        new("keys.<id>.customer", SettingType.Text, "The customer the key belongs to. Absent: its team's, else its user's.") { Form = CustomerForm },
        new("keys.<id>.tags", SettingType.TextList, "Labels of all the key's requests; at most 50.") { Form = "tags of 1 to 64 letters, digits and - _ . : /" },
        new("keys.<id>.enabled", SettingType.Flag, "false blocks the key.") { Default = "true" },
        new("keys.<id>.expiresAt", SettingType.Text, "From when on the key is refused.") { Form = TimeForm },
        new("keys.<id>.allowedModels", SettingType.TextList, "Public model names the key may use, one `*` allowed in each. Absent: all.") { Form = "model names, one * allowed" },
        new("keys.<id>.allowedRoutes", SettingType.TextList, "Routes the key may use, by their own names, one `*` allowed in each; `allowedModels` must allow the model too. Absent: all.") { Form = "route names, one * allowed" },
        new("keys.<id>.mcpTools", SettingType.TextList, "Tools of the MCP hub the key may see and call. Absent: all that policies allow.") { Form = "server/tool, one * allowed in each part" },
        .. McpChatRows.At("keys.<id>.mcpChat", "the key's", "as the route says"),
        new("keys.<id>.guardrailPolicies", SettingType.TextList, "Guardrail policies that hold for the key besides those that hold for everybody.") { Form = GuardrailRows.PolicyForm },
        new("keys.<id>.requestLog", SettingType.Choice, "What is kept of the key's requests. Absent: `settings.requestLog`.") { Choices = LogLevels },
        new("keys.<id>.onRevoke", SettingType.Choice, "What happens to the key's requests under way when it is blocked or taken out. Absent: `settings.onRevoke`.") { Choices = RevokePolicies },
        new("keys.<id>.outputCap", SettingType.Choice, "What is held for the output of the key's requests that name no cap. Absent: as their route says, or else `settings.outputCap`.") { Choices = OutputCapNames.All },
        new("keys.<id>.defaultOutputTokens", SettingType.Integer, "Takes the place of `settings.defaultOutputTokens` for the key's requests. Absent: as their route or the settings say.") { Min = 1, Max = 10_000_000 },
        new("keys.<id>.allowedProviders", SettingType.TextList, "Providers the key may reach. Absent: all.") { Form = "provider ids" },
        new("keys.<id>.allowedIps", SettingType.TextList, "Client addresses the key may be used from. Absent: any.") { Form = "addresses or CIDR ranges such as 10.0.0.0/8" },
        new("keys.<id>.requiredMetadata", SettingType.TextList, "Keys that the request's `metadata` object must have.") { Form = "names" },
        new("keys.<id>.budgets", SettingType.TextList, "Budgets over the key, besides those over its team, user and customer.") { Form = BudgetForm },
        new("keys.<id>.routes", SettingType.TextMap, "Routes that this key's requests take instead of those of the models they name: from model name (one `*` allowed) to route name. The first that matches counts.") { Form = "route names" },
        new("keys.<id>.priority", SettingType.Choice, "Highest priority of the key's requests, and theirs when the header `x-gateway-priority` names none.") { Choices = ["high", "normal", "low"], Default = "normal" },
        new("keys.<id>.limits", SettingType.Section, "Rate limits of the key."),
        .. ConfigurationSchema.RateLimits("keys.<id>.limits"),
        .. CacheRows.At("keys.<id>.cache", "the route, then `settings.cachePolicy`"),

        new("customers", SettingType.Map, "Customers (organisations) by id: the top of the accounts."),
        new("customers.<id>", SettingType.Section, "A customer."),
        new("customers.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = NameForm },
        new("customers.<id>.enabled", SettingType.Flag, "false blocks all its keys.") { Default = "true" },
        new("customers.<id>.budgets", SettingType.TextList, "Budgets over all the customer's keys together.") { Form = BudgetForm },
        new("customers.<id>.limits", SettingType.Section, "Rate limits over all the customer's keys together."),
        .. ConfigurationSchema.RateLimits("customers.<id>.limits"),

        new("teams", SettingType.Map, "Teams of keys by id."),
        new("teams.<id>", SettingType.Section, "A team."),
        new("teams.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = NameForm },
        new("teams.<id>.customer", SettingType.Text, "The customer the team belongs to.") { Form = CustomerForm },
        new("teams.<id>.enabled", SettingType.Flag, "false blocks all its keys.") { Default = "true" },
        new("teams.<id>.budgets", SettingType.TextList, "Budgets over all the team's keys together.") { Form = BudgetForm },
        new("teams.<id>.guardrailPolicies", SettingType.TextList, "Guardrail policies that hold for the team's keys besides those that hold for everybody.") { Form = GuardrailRows.PolicyForm },
        new("teams.<id>.limits", SettingType.Section, "Rate limits over all the team's keys together."),
        .. ConfigurationSchema.RateLimits("teams.<id>.limits"),

        new("users", SettingType.Map, "Users by id: persons or services that have keys."),
        new("users.<id>", SettingType.Section, "A user."),
        new("users.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = NameForm },
        new("users.<id>.email", SettingType.Text, "Address; no two users have the same.") { Form = "an address like name@example.com" },
        new("users.<id>.team", SettingType.Text, "The team the user belongs to.") { Form = TeamForm },
        new("users.<id>.customer", SettingType.Text, "The customer the user belongs to. Absent: the team's.") { Form = CustomerForm },
        new("users.<id>.enabled", SettingType.Flag, "false blocks all its keys.") { Default = "true" },
        new("users.<id>.budgets", SettingType.TextList, "Budgets over all the user's keys together.") { Form = BudgetForm },
        new("users.<id>.limits", SettingType.Section, "Rate limits over all the user's keys together."),
        .. ConfigurationSchema.RateLimits("users.<id>.limits"),
    ];

    public static IEnumerable<Setting> Settings() =>
    [
        new("settings.onRevoke", SettingType.Choice, "What happens to requests under way when their key is blocked or taken out: they come to their end (`finish`), or are broken off with an error in the caller's dialect and settled for what was used (`cut`).") { Choices = RevokePolicies, Default = "finish" },
        new("settings.requestLog", SettingType.Choice, "What is kept of requests besides the usage record.") { Choices = LogLevels, Default = "metadata" },
        .. RequestLogRows.Settings,
        new("settings.endUser", SettingType.TextList, "Where requests name their end users; the first place that does counts. Absent: `header`, `safety_identifier`, `user`, `metadata.user_id`. `[]`: end users are not known.") { Form = "header, user, safety_identifier, metadata.NAME" },
    ];
}
