namespace Gateway.Edge.Configuration.Schema;

/// <summary>The keys of <c>routes</c>.</summary>
internal static class RouteSettings
{
    private const string RouteForm = "public model names";
    private const int Hour = 3_600_000;

    public static IReadOnlyList<Setting> All { get; } =
    [
        new("routes", SettingType.Map, "Model routes by public model name. One `*` makes a name a pattern; an exact name wins over a pattern, a longer pattern over a shorter. What routing does is told in routing.md."),
        new("routes.<name>", SettingType.Section, "A route. Short form: one deployment id, or a list of them in the order they are tried.") { ShortFor = "targets" },
        new("routes.<name>.aliases", SettingType.TextList, "Further public names of the route, one `*` allowed in each.") { Form = RouteForm },
        new("routes.<name>.strategy", SettingType.Choice, "How targets of equal priority are ordered: as written (`priority`), at random by weight, each in turn, by time to the first token, by calls under way, by estimated cost, or the same for the same session.") { Choices = ["priority", "weighted", "round-robin", "lowest-latency", "least-in-flight", "lowest-cost", "sticky"], Default = "priority" },
        new("routes.<name>.stickyBy", SettingType.TextList, "What names a session, for `sticky` and canaries; the first that a request has. Absent: `user`, then `key`.") { Form = "header:NAME, metadata:NAME, user, key" },
        new("routes.<name>.maxAttempts", SettingType.Integer, "Most calls made on this route for one request, the first, retries and hedges included.") { Min = 1, Max = 10, Default = "3" },
        new("routes.<name>.targets", SettingType.List, "Where requests go; at least one.") { Required = true },
        new("routes.<name>.targets[]", SettingType.Section, "A target. Short form: a deployment id.") { ShortFor = "deployment" },
        new("routes.<name>.targets[].deployment", SettingType.Text, "The deployment called.") { Form = "the id of one of `deployments`, or `{provider}/{model}` of a configured provider", Required = true },
        new("routes.<name>.targets[].weight", SettingType.Integer, "Share among targets of the same priority for `weighted` and `sticky`; 0 for fallback only.") { Min = 0, Max = 1_000, Default = "1" },
        new("routes.<name>.targets[].priority", SettingType.Integer, "Lower is tried first.") { Min = 0, Max = 100, Default = "0" },
        new("routes.<name>.targets[].canaryPercent", SettingType.Integer, "Makes the target a canary: this share of the sessions goes to it first, and no other.") { Min = 0, Max = 100 },
        new("routes.<name>.targets[].shadowPercent", SettingType.Integer, "Makes the target a shadow: this share of the requests is copied to it, and nobody sees its answers.") { Min = 0, Max = 100 },
        new("routes.<name>.rules", SettingType.List, "Conditional rules, in order."),
        new("routes.<name>.rules[]", SettingType.Section, "A rule: a condition, and targets, a route or attributes."),
        new("routes.<name>.rules[].name", SettingType.Text, "Name in the decision record. Absent: its position.") { Form = "text" },
        new("routes.<name>.rules[].when", SettingType.Text, "The condition; the language is told in routing.md.") { Form = "an expression of at most 2000 characters", Required = true },
        new("routes.<name>.rules[].targets", SettingType.TextList, "Targets of this route that remain.") { Form = "deployment ids" },
        new("routes.<name>.rules[].route", SettingType.Text, "The route that the request takes instead.") { Form = "a public model name" },
        new("routes.<name>.rules[].set", SettingType.TextMap, "Attributes for later rules and the decision record.") { Form = "texts" },
        new("routes.<name>.timeouts", SettingType.Section, "Limits that replace the provider's."),
        new("routes.<name>.timeouts.firstByteMs", SettingType.Integer, "From the end of the request to the answer's headers, in milliseconds.") { Min = 1, Max = Hour },
        new("routes.<name>.timeouts.firstTokenMs", SettingType.Integer, "From the start of a streamed call to its first event, in milliseconds.") { Min = 1, Max = Hour },
        new("routes.<name>.timeouts.idleMs", SettingType.Integer, "Longest silence inside an answer, in milliseconds.") { Min = 1, Max = Hour },
        new("routes.<name>.timeouts.totalMs", SettingType.Integer, "One call, in milliseconds.") { Min = 1, Max = 24 * Hour },
        new("routes.<name>.timeouts.allAttemptsMs", SettingType.Integer, "From the request's arrival; after it no further attempt begins, in milliseconds.") { Min = 1, Max = 24 * Hour },
        new("routes.<name>.retry", SettingType.Section, "Retries of the same deployment before the next one is tried."),
        new("routes.<name>.retry.count", SettingType.Integer, "Most retries of one deployment.") { Min = 0, Max = 5, Default = "0" },
        new("routes.<name>.retry.baseMs", SettingType.Integer, "Upper bound of the first wait; doubled with each retry, and drawn evenly from zero to the bound.") { Min = 1, Max = 60_000, Default = "250" },
        new("routes.<name>.retry.maxMs", SettingType.Integer, "Longest wait; a longer Retry-After of the provider ends the retries.") { Min = 1, Max = 300_000, Default = "5000" },
        new("routes.<name>.hedge", SettingType.Section, "Hedged requests; without either key there are none."),
        new("routes.<name>.hedge.delayMs", SettingType.Integer, "When the second target is called, in milliseconds after the first.") { Min = 1, Max = 600_000 },
        new("routes.<name>.hedge.percentile", SettingType.Integer, "The same as a percentile of the first target's recent times to the first token.") { Min = 50, Max = 99 },
        new("routes.<name>.fallbacks", SettingType.TextList, "Routes tried when no target answers.") { Form = RouteForm },
        new("routes.<name>.contextWindowFallbacks", SettingType.TextList, "Routes tried when the prompt does not fit the model's window.") { Form = RouteForm },
        new("routes.<name>.contentPolicyFallbacks", SettingType.TextList, "Routes tried when a provider's filter refused the request.") { Form = RouteForm },
        new("routes.<name>.unsupported", SettingType.Choice, "What happens with what a target's dialect cannot express: it is left out and listed in `x-gateway-dropped`, or the request is refused.") { Choices = ["drop", "reject"], Default = "drop" },
        new("routes.<name>.onCut", SettingType.Choice, "What happens with a chat stream that breaks off after its first byte: it ends with an error event, or another target goes on where it stopped.") { Choices = ["error", "continue"], Default = "error" },
        new("routes.<name>.outputCap", SettingType.Choice, "What is held for the output of requests for this route that name no cap. Absent: `settings.outputCap`. A key's own stands before it.") { Choices = OutputCapNames.All },
        new("routes.<name>.defaultOutputTokens", SettingType.Integer, "Takes the place of `settings.defaultOutputTokens` for requests for this route. Absent: the settings.") { Min = 1, Max = 10_000_000 },
        new("routes.<name>.guardrailPolicies", SettingType.TextList, "Guardrail policies that hold for the route's requests besides those that hold for everybody.") { Form = GuardrailRows.PolicyForm },
        .. McpChatRows.At("routes.<name>.mcpChat", "the route's", "none"),
        .. CacheRows.At("routes.<name>.cache", "`settings.cachePolicy`"),
    ];
}
