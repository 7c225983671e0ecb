namespace Gateway.Edge.Configuration.Schema;

/// <summary>The part of the table that describes guardrail policies.</summary>
internal static class GuardrailRows
{
    public const string PolicyForm = "ids of `guardrails`";

    private const string Text = "texts of at most 1000 characters";

    public static string[] Modes => ["enforce", "shadow"];

    public static string[] Failures => ["closed", "open"];

    public static string[] Actions => ["flag", "block", "redact", "mask", "hash", "pseudonymize", "route", "approve"];

    public static string[] Scopes => ["input", "output", "toolCall", "toolResult", "mcp", "embedding"];

    // No field holds them: the table of all keys asks for these while it is made itself.
    public static IEnumerable<Setting> All =>
    [
        new("guardrails", SettingType.Map, "Guardrail policies by id; see [guardrails.md](guardrails.md)."),
        new("guardrails.<id>", SettingType.Section, "A policy: rules that look at what goes to a model and what comes back."),
        new("guardrails.<id>.name", SettingType.Text, "Display name. Absent: the id.") { Form = "text of at most 200 characters" },
        new("guardrails.<id>.enabled", SettingType.Flag, "false: it is kept and not run.") { Default = "true" },
        new("guardrails.<id>.order", SettingType.Integer, "Lower ones run first; of equal ones the id decides. What one changes the next one sees.") { Min = 0, Max = 10_000, Default = "100" },
        new("guardrails.<id>.mode", SettingType.Choice, "Whether it acts (`enforce`) or only reports what it would have done (`shadow`).") { Choices = Modes, Default = "enforce" },
        new("guardrails.<id>.fail", SettingType.Choice, "What happens when a rule fails or does not answer in time. Absent: `closed` where a rule blocks or changes text, else `open`.") { Choices = Failures },
        new("guardrails.<id>.timeoutMilliseconds", SettingType.Integer, "How long its rules may take together for the texts of one side of a request.") { Min = 1, Max = 60_000, Default = "2000" },
        new("guardrails.<id>.sample", SettingType.Amount, "Share of the requests that it is run for, chosen by request id.") { Min = 0.000001m, Max = 1, Default = "1" },
        new("guardrails.<id>.inline", SettingType.Flag, "Whether it is run in the edge's own process though a guardrail service is there.") { Default = "false" },
        new("guardrails.<id>.appliesTo", SettingType.Section, "Which requests it applies to besides those of keys, teams and routes that name it: each list that is given must name what the request has; `{}` selects all. Absent: only those that name it."),
        new("guardrails.<id>.appliesTo.keys", SettingType.TextList, "Virtual keys.") { Form = "ids of `keys`" },
        new("guardrails.<id>.appliesTo.teams", SettingType.TextList, "Teams.") { Form = "ids of `teams`" },
        new("guardrails.<id>.appliesTo.customers", SettingType.TextList, "Customers.") { Form = "ids of `customers`" },
        new("guardrails.<id>.appliesTo.routes", SettingType.TextList, "Routes, by their own names.") { Form = "route names, a trailing * allowed" },
        new("guardrails.<id>.appliesTo.models", SettingType.TextList, "Models as callers name them.") { Form = "model names, a trailing * allowed" },
        new("guardrails.<id>.appliesTo.tags", SettingType.TextList, "Tags of the key or the request, any of which is enough.") { Form = "tags" },
        new("guardrails.<id>.rules", SettingType.List, "What is looked for; 1 to 100.") { Required = true },
        new("guardrails.<id>.rules[]", SettingType.Section, "A rule. Members that its detector does not have are an error."),
        new("guardrails.<id>.rules[].detector", SettingType.Text, "What looks.") { Form = "a detector of guardrails.md", Required = true },
        new("guardrails.<id>.rules[].action", SettingType.Choice, "What happens when it finds something.") { Choices = Actions, Default = "flag" },
        new("guardrails.<id>.rules[].scopes", SettingType.TextList, "Where it looks. Absent: `input` and `output`, tool calls and results among them.") { Form = string.Join(", ", Scopes) },
        new("guardrails.<id>.rules[].kinds", SettingType.TextList, "Kinds that count. Absent: those that the detector has switched on by itself.") { Form = "kinds of the detector" },
        new("guardrails.<id>.rules[].minScore", SettingType.Amount, "From which score on a finding counts. Absent: the detector's own.") { Min = 0, Max = 1 },
        new("guardrails.<id>.rules[].message", SettingType.Text, "What callers are told when it blocks, instead of the general text.") { Form = "text of at most 1000 characters" },
        new("guardrails.<id>.rules[].route", SettingType.Text, "The route that requests go to with `action: route`; required with it.") { Form = "a public model name" },
        new("guardrails.<id>.rules[].terms", SettingType.TextList, "Texts of `keywords`, `topics`, `competitors`, and of `pii`'s own entities; at most 10000.") { Form = Text },
        new("guardrails.<id>.rules[].patterns", SettingType.TextList, "Regular expressions of `regex`, `tool_calls` and `pii`, matched in linear time; at most 1000.") { Form = Text },
        new("guardrails.<id>.rules[].context", SettingType.TextList, "Words that must stand near a match of a pattern.") { Form = Text },
        new("guardrails.<id>.rules[].allow", SettingType.TextList, "What is allowed all the same, `*` allowed in each.") { Form = Text },
        new("guardrails.<id>.rules[].max", SettingType.Integer, "Most of `length`: characters, or with `kinds: [tokens]` estimated tokens.") { Min = 1, Max = int.MaxValue },
        new("guardrails.<id>.rules[].schema", SettingType.Text, "The JSON schema of `json_schema`.") { Form = "a JSON schema as text" },
        new("guardrails.<id>.rules[].realistic", SettingType.Flag, "With `action: pseudonymize`: a made-up value of the same kind instead of a numbered placeholder.") { Default = "false" },
        new("guardrails.<id>.rules[].endpoint", SettingType.Section, "Whom `webhook` and the adapters ask."),
        new("guardrails.<id>.rules[].endpoint.url", SettingType.Text, "Where it is.") { Form = "an absolute http or https address", Expands = true },
        new("guardrails.<id>.rules[].endpoint.credential", SettingType.Text, "The provider with whose credential it is called.") { Form = "the id of one of `providers` that has a credential" },
        new("guardrails.<id>.rules[].endpoint.policy", SettingType.Text, "What the service calls the policy or model to use.") { Form = "text" },
        new("guardrails.<id>.rules[].judgeRoute", SettingType.Text, "The route that `judge` asks.") { Form = "a public model name" },
        new("guardrails.<id>.rules[].judgePrompt", SettingType.Text, "What `judge` is told to decide.") { Form = "text" },
    ];
}
