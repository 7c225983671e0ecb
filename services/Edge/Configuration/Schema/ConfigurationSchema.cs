using System.Collections.Frozen;

namespace Gateway.Edge.Configuration.Schema;

/// <summary>All keys of the configuration file. Add a key here, read it in <c>Building/</c>, and the errors and the reference page follow.</summary>
internal static class ConfigurationSchema
{
    private const string Limits = "Unlimited when absent.";
    private const string IdForm = "the id of one of `budgets`";

    /// <summary>Every key, sections before their keys, in the order of the reference page.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("version", SettingType.Integer, "Version of the file's format.") { Min = 1, Max = 1, Required = true },
        new("autoProviders", SettingType.Flag, "Adds providers whose key variables are set in the environment (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, …) and an Ollama on this machine. What the file says wins.") { Default = "true" },
        new("demo", SettingType.Flag, "Adds the built-in demo model as route `demo`: it needs no account, does not think, and says so.") { Default = "true" },

        new("server", SettingType.Section, "The process itself. Read at start only."),
        new("server.port", SettingType.Integer, "Public port; 0 for any free one. The environment variable `Gateway__Port` wins.") { Min = 0, Max = 65535, Default = "8080" },
        new("server.dataDirectory", SettingType.Text, "Folder for the edge's state. The environment variable `Gateway__DataDirectory` wins.") { Form = "a path", Default = ".gateway" },

        .. RequestLogRows.File,

        new("providers", SettingType.Map, "Providers by id: lower-case letters, digits, `-`, `_`, `.`."),
        new("providers.<id>", SettingType.Section, "A provider. An id known to the built-in table (`openai`, `groq`, …) brings its address with it."),
        new("providers.<id>.kind", SettingType.Choice, "How the provider is spoken to: `openai` for OpenAI and everything that speaks its dialect, `demo` for the built-in demo model; see [providers](providers.md) for the others. Absent: as the built-in table says.") { Choices = ProviderKindNames.All, Default = "openai" },
        new("providers.<id>.like", SettingType.Text, "Id of the built-in table whose address and peculiarities hold. Absent: the provider's own id.") { Form = "an id of the built-in table" },
        new("providers.<id>.baseUrl", SettingType.Text, "Address the operation path is appended to, version included. Required for an id that the built-in table does not know.") { Form = "an absolute http or https address without query", Expands = true },
        new("providers.<id>.apiKey", SettingType.Text, "The provider's key. Keep it out of the file: `${OPENAI_API_KEY}` reads a variable, `${file:/run/secrets/openai}` a file.") { Form = "a key, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("providers.<id>.serviceAccount", SettingType.Text, "A Google Cloud key document, for `vertexai`: `${file:/run/secrets/key.json}`.") { Form = "a JSON key document, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("providers.<id>.aws", SettingType.Section, "An AWS identity, for `bedrock`. Without keys and profile those of the usual chain are taken: environment, web identity, profile, container, machine."),
        new("providers.<id>.aws.accessKeyId", SettingType.Text, "Access key id.") { Form = "an access key id, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("providers.<id>.aws.secretAccessKey", SettingType.Text, "Secret access key.") { Form = "a secret access key, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("providers.<id>.aws.sessionToken", SettingType.Text, "Session token of temporary keys.") { Form = "a session token, ${VARIABLE} or ${file:PATH}", Secret = true, Expands = true },
        new("providers.<id>.aws.profile", SettingType.Text, "Profile of the shared AWS files, instead of keys.") { Form = "a profile name", Expands = true },
        new("providers.<id>.aws.roleArn", SettingType.Text, "Role to assume with the keys.") { Form = "an ARN", Expands = true },
        new("providers.<id>.aws.externalId", SettingType.Text, "External id that the role asks for.") { Form = "an external id", Expands = true },
        new("providers.<id>.entra", SettingType.Section, "A Microsoft Entra application, for `azure`."),
        new("providers.<id>.entra.tenantId", SettingType.Text, "Directory (tenant) id.") { Form = "a directory id", Required = true, Expands = true },
        new("providers.<id>.entra.clientId", SettingType.Text, "Application (client) id.") { Form = "an application id", Required = true, Expands = true },
        new("providers.<id>.entra.clientSecret", SettingType.Text, "Client secret.") { Form = "a client secret, ${VARIABLE} or ${file:PATH}", Secret = true, Required = true, Expands = true },
        new("providers.<id>.ambient", SettingType.Flag, "Whether the identity of the machine or workload is used: of AWS for `bedrock`, of Google for `vertexai`, of Azure for `azure`. For `bedrock` and `vertexai` that is the rule where there is no other credential.") { Default = "false" },
        new("providers.<id>.region", SettingType.Text, "Cloud region: of AWS, Vertex AI (default `global`) or watsonx.ai (default `us-south`). Absent: `AWS_REGION`, `GOOGLE_CLOUD_LOCATION`.") { Form = "a region", Expands = true },
        new("providers.<id>.project", SettingType.Text, "Project of Vertex AI (absent: the key document's, `GOOGLE_CLOUD_PROJECT`) or of watsonx.ai.") { Form = "a project id", Expands = true },
        new("providers.<id>.space", SettingType.Text, "Deployment space of watsonx.ai, instead of a project.") { Form = "a space id", Expands = true },
        new("providers.<id>.apiVersion", SettingType.Text, "Version in the address: a dated `api-version` of Azure OpenAI (absent: the v1 paths), watsonx.ai's `version`, Vertex AI's path segment.") { Form = "a version", Expands = true },
        new("providers.<id>.tokenUrl", SettingType.Text, "Where credentials are exchanged for tokens, instead of the cloud's public address.") { Form = "an absolute http or https address without query", Expands = true },
        new("providers.<id>.authHeader", SettingType.Text, "Header that carries the key; `Authorization` carries it as `Bearer KEY`, any other header bare.") { Form = "an HTTP header name", Default = "Authorization" },
        new("providers.<id>.headers", SettingType.TextMap, "Fixed headers added to every call.") { Form = "header values", Secret = true, Expands = true },
        new("providers.<id>.streamUsageOption", SettingType.Flag, "Whether the provider understands `stream_options.include_usage`. The built-in table knows the exceptions.") { Default = "true" },
        new("providers.<id>.nativeResponses", SettingType.Flag, "Whether the provider serves OpenAI's responses itself; otherwise they are translated to chat. The built-in table knows.") { Default = "false" },
        new("providers.<id>.normalize", SettingType.Flag, "Whether answers are brought into the form that official clients accept. The built-in table knows the exceptions.") { Default = "true" },
        new("providers.<id>.rename", SettingType.TextMap, "Request members that the provider knows under another name, for example `max_completion_tokens: max_tokens`. Absent: as the built-in table says.") { Form = "names of request members" },
        new("providers.<id>.drop", SettingType.TextList, "Request members that the provider refuses: they are left out. Absent: as the built-in table says.") { Form = "names of request members" },
        new("providers.<id>.usagePath", SettingType.Text, "Path of the usage object in answers where it is not `usage`.") { Form = "a path like x_groq.usage" },
        new("providers.<id>.allowLinkLocal", SettingType.Flag, "Whether link-local and cloud metadata addresses may be called. Loopback and private networks always may.") { Default = "false" },
        new("providers.<id>.models", SettingType.TextList, "Models served, each as deployment `{provider}/{model}` with a route of its bare name. Absent: those of the built-in price table, and `{provider}/*` for any other. `[]`: none, write `deployments` yourself.") { Form = "model names" },
        new("providers.<id>.timeouts", SettingType.Section, "How long each phase of a call may take."),
        new("providers.<id>.timeouts.connectMs", SettingType.Integer, "To connect, TLS included, in milliseconds.") { Min = 1, Max = 600_000, Default = "5000" },
        new("providers.<id>.timeouts.firstByteMs", SettingType.Integer, "From the end of the request to the answer's headers, in milliseconds.") { Min = 1, Max = 3_600_000, Default = "120000" },
        new("providers.<id>.timeouts.idleMs", SettingType.Integer, "Longest silence inside an answer, in milliseconds.") { Min = 1, Max = 3_600_000, Default = "60000" },
        new("providers.<id>.timeouts.totalMs", SettingType.Integer, "The whole call, in milliseconds.") { Min = 1, Max = 86_400_000, Default = "1800000" },

        new("deployments", SettingType.Map, "Deployments by id: a model at a provider, with its price."),
        new("deployments.<id>", SettingType.Section, "A deployment."),
        new("deployments.<id>.provider", SettingType.Text, "The provider that serves it.") { Form = "the id of one of `providers`", Required = true },
        new("deployments.<id>.model", SettingType.Text, "Model name sent to the provider; `*` stands for what the `*` of the route matched.") { Form = "a model name", Required = true },
        new("deployments.<id>.maxOutputTokens", SettingType.Integer, "Most output tokens the model can produce. Absent: as the built-in table says.") { Min = 1, Max = 10_000_000 },
        new("deployments.<id>.price", SettingType.Section, "Price in US dollars. Absent: the built-in table; what that does not know is unpriced, see `settings.unpriced`."),
        new("deployments.<id>.price.version", SettingType.Text, "Stamped on every usage record that this price is applied to.") { Form = "text of at most 64 characters", Default = "config" },
        .. PriceRows.Of("deployments.<id>.price"),
        new("deployments.<id>.unpriced", SettingType.Choice, "What requests get while the model has no price and a budget stands above them. `inherit`: as `settings.unpriced` says.") { Choices = ["inherit", "deny", "allow", "assume"], Default = "inherit" },
        .. PriceRows.Overrides,

        .. RouteSettings.All,

        .. AccountRows.All(),

        .. JwtRows.All,

        .. BudgetRows.All(),

        .. LimitRows.All,

        .. GuardrailRows.All,

        .. McpRows.All,

        new("settings", SettingType.Section, "What holds for every request."),
        new("settings.maxRequestBytes", SettingType.Integer, "Largest request body in bytes.") { Min = 1024, Max = 1024 * 1024 * 1024, Default = "33554432" },
        new("settings.maxJsonDepth", SettingType.Integer, "Deepest JSON nesting of a request.") { Min = 8, Max = 256, Default = "64" },
        new("settings.defaultOutputTokens", SettingType.Integer, "Output tokens reserved for a request that names no cap, when the model's own limit is unknown.") { Min = 1, Max = 10_000_000, Default = "4096" },
        .. AccountRows.Settings(),
        new("settings.outputCap", SettingType.Choice, "What is held for the output of a request that names no cap: the model's limit (`modelLimit`), what 95 of 100 answers of the model stayed below lately (`learnt`; a stream that goes beyond holds more, or ends where a budget refuses), or `defaultOutputTokens`, which the request is sent on with as its cap (`set`).") { Choices = OutputCapNames.All, Default = "modelLimit" },
        new("settings.promptEstimate", SettingType.Choice, "How a prompt is bounded where its length in bytes alone would make a limit or a budget refuse: not more closely (`bytes`), counted where the model's encoding is known (`counted`), or also estimated elsewhere (`estimated`).") { Choices = ["bytes", "counted", "estimated"], Default = "counted" },
        new("settings.onAbandon", SettingType.Choice, "What happens upstream when a caller goes away in the middle of an answer: `abort` breaks the call off and counts what had arrived, `drain` reads it to its end, so that the provider's own usage is recorded.") { Choices = ["abort", "drain"], Default = "abort" },
        new("settings.unreported", SettingType.Choice, "What a call is charged that broke off, or was left, before its provider told all that it used: its prompt as estimated and the text that came (`seen`; the provider's bill may be higher), or all that was held for it (`bound`).") { Choices = ["seen", "bound"], Default = "seen" },
        new("settings.unpriced", SettingType.Choice, "What a request to a model without a price gets when a budget stands above it: refused with 402, served and recorded as unpriced, or billed by `settings.assumedPrice`.") { Choices = ["deny", "allow", "assume"], Default = "deny" },
        new("settings.assumedPrice", SettingType.Text, "The price that `assume` takes.") { Form = "a model of the built-in price table as `provider/model`" },
        new("settings.blockedTerms", SettingType.TextList, "Texts that no request may contain, matched without regard to case.") { Form = "texts" },
        new("settings.guardrailFailure", SettingType.Choice, "What happens when a rule of a guardrail policy that has no `fail` of its own fails: as the policy's rules want it (`closed`, see guardrails.md), or passed (`open`).") { Choices = ["closed", "open"], Default = "closed" },
        .. CacheRows.Settings(),
        new("settings.rateLimitHeaders", SettingType.Flag, "Whether answers to keys with rate limits say how these stand, in `x-ratelimit-*` or `anthropic-ratelimit-*`.") { Default = "true" },
        .. HealthRows.All,
        .. TelemetryRows.All,
    ];

    private static readonly FrozenDictionary<string, Setting> ByPath = All.ToFrozenDictionary(static s => s.Path, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string[]> KeysByParent =
        All.Where(static s => !s.Name.EndsWith("[]", StringComparison.Ordinal)).GroupBy(static s => s.Parent).ToFrozenDictionary(static g => g.Key, static g => g.Select(static s => s.Name).ToArray(), StringComparer.Ordinal);

    /// <summary>The setting at a path of the table.</summary>
    public static Setting At(string path) => ByPath[path];

    /// <summary>The legal keys of a section.</summary>
    public static IReadOnlyList<string> KeysOf(string path) => KeysByParent.GetValueOrDefault(path) ?? [];

    internal static IEnumerable<Setting> RateLimits(string section) =>
    [
        new($"{section}.requestsPerMinute", SettingType.Integer, $"Requests in a minute, spread evenly, with a burst of the whole amount. {Limits}") { Min = 1, Max = 1_000_000_000 },
        new($"{section}.tokensPerMinute", SettingType.Integer, $"Prompt and completion tokens in a minute. {Limits}") { Min = 1, Max = 1_000_000_000_000 },
        new($"{section}.concurrency", SettingType.Integer, $"Requests in flight at the same time. {Limits}") { Min = 1, Max = 1_000_000 },
    ];
}
