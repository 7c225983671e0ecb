namespace Gateway.Contracts.Configuration;

/// <summary>
/// A guardrail policy: rules that look at what goes to a model and what comes back, and say what happens then. Every policy that applies to a request is run, in their
/// <see cref="Order"/>; what one changes the next one sees.
/// </summary>
public sealed record GuardrailPolicyEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name; empty: the id.</summary>
    public string Name { get; set; } = "";

    /// <summary>False: it is kept and not run. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Lower ones run first; of equal ones the id decides. Default 100; 0 to 10,000.</summary>
    public int Order { get; set; } = 100;

    /// <summary>Whether it acts or only reports. Default <see cref="GuardrailMode.Enforce"/>.</summary>
    public GuardrailMode Mode { get; set; } = GuardrailMode.Enforce;

    /// <summary>What happens when a detector fails or does not answer in time. Null: closed where a rule blocks or changes text, else open.</summary>
    public FailPolicy? Fail { get; init; }

    /// <summary>Milliseconds that all rules may take together for one text. Default 2,000; 1 to 60,000.</summary>
    public int TimeoutMilliseconds { get; set; } = 2000;

    /// <summary>Share of the requests that it is run for, chosen by request id. Default 1; above 0 up to 1.</summary>
    public double Sample { get; set; } = 1;

    /// <summary>True: run in the edge's own process though a guardrail service is there. Rules that call other services run in the service, if there is one. Default false.</summary>
    public bool Inline { get; set; }

    /// <summary>Which requests it applies to besides those of keys, teams and routes that name it. Null: only those.</summary>
    public GuardrailSelector? AppliesTo { get; init; }

    /// <summary>What is looked for. 1 to 100.</summary>
    public IReadOnlyList<GuardrailRuleEntry> Rules { get; set; } = [];
}

/// <summary>Selects requests: each list that is not empty must name what the request has. With all of them empty it selects every request.</summary>
public sealed record GuardrailSelector
{
    /// <summary>Virtual keys, by id.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>Teams, by id.</summary>
    public IReadOnlyList<string> Teams { get; set; } = [];

    /// <summary>Customers, by id.</summary>
    public IReadOnlyList<string> Customers { get; set; } = [];

    /// <summary>Model routes, by the route's own name, a trailing <c>*</c> allowed.</summary>
    public IReadOnlyList<string> Routes { get; set; } = [];

    /// <summary>Models as callers name them, a trailing <c>*</c> allowed.</summary>
    public IReadOnlyList<string> Models { get; set; } = [];

    /// <summary>Tags of the key or the request, any of which is enough.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];
}

/// <summary>One rule of a policy: a detector, where it looks, and what happens when it finds something. Members that the detector does not have are an error.</summary>
public sealed record GuardrailRuleEntry
{
    /// <summary>What looks, by its name in docs/guardrails.md: <c>pii</c>, <c>secrets</c>, <c>injection</c>, <c>keywords</c>, <c>regex</c> and others. An unknown one is an error.</summary>
    public required string Detector { get; init; }

    /// <summary>What happens. Default <see cref="GuardrailAction.Flag"/>.</summary>
    public GuardrailAction Action { get; set; } = GuardrailAction.Flag;

    /// <summary>Where it looks. Empty (default): <see cref="GuardrailScope.Input"/> and <see cref="GuardrailScope.Output"/>, tool calls and results among them.</summary>
    public IReadOnlyList<GuardrailScope> Scopes { get; set; } = [];

    /// <summary>Kinds that count, of a detector that knows several: entity types, kinds of secret, categories, languages. Empty: all that it has switched on by default.</summary>
    public IReadOnlyList<string> Kinds { get; set; } = [];

    /// <summary>From which score on a finding counts, 0 to 1. Null: the detector's own.</summary>
    public double? MinScore { get; init; }

    /// <summary>What callers are told instead of the general text when it blocks. At most 1,000 characters.</summary>
    public string? Message { get; init; }

    /// <summary>The route that the request goes to with <see cref="GuardrailAction.Route"/>; required with it.</summary>
    public string? Route { get; init; }

    /// <summary>Texts of <c>keywords</c>, <c>topics</c>, <c>competitors</c> and <c>pii</c>'s own entities. At most 10,000 of 1,000 characters.</summary>
    public IReadOnlyList<string> Terms { get; set; } = [];

    /// <summary>Regular expressions of <c>regex</c>, <c>tool_calls</c> (over the arguments) and <c>pii</c>'s own entities, matched in linear time. At most 1,000.</summary>
    public IReadOnlyList<string> Patterns { get; set; } = [];

    /// <summary>Words that must stand near a match of <see cref="Patterns"/>; empty: none need to.</summary>
    public IReadOnlyList<string> Context { get; set; } = [];

    /// <summary>What is allowed all the same: texts that no finding may be made of, hosts of <c>urls</c>, tools of <c>tool_calls</c>, each with <c>*</c> allowed.</summary>
    public IReadOnlyList<string> Allow { get; set; } = [];

    /// <summary>Most of <c>length</c>: UTF-16 code units of one text, or with <c>Kinds: [tokens]</c> estimated tokens.</summary>
    public int? Max { get; init; }

    /// <summary>The JSON schema that <c>json_schema</c> asks of answers.</summary>
    public string? Schema { get; init; }

    /// <summary>With <see cref="GuardrailAction.Pseudonymize"/>: a made-up value of the same kind instead of a numbered placeholder. Default false.</summary>
    public bool Realistic { get; set; }

    /// <summary>Whom <c>webhook</c> and the adapters call; null for the others.</summary>
    public GuardrailEndpoint? Endpoint { get; init; }

    /// <summary>The route that <c>judge</c> asks.</summary>
    public string? JudgeRoute { get; init; }

    /// <summary>What <c>judge</c> is told to decide.</summary>
    public string? JudgePrompt { get; init; }
}

/// <summary>Another service that a rule asks.</summary>
public sealed record GuardrailEndpoint
{
    /// <summary>Where it is, absolute, http or https.</summary>
    public required string Url { get; init; }

    /// <summary>The stored credential it is called with; null: none.</summary>
    public string? CredentialId { get; init; }

    /// <summary>What the service calls the policy or model to use; null where it has none.</summary>
    public string? Policy { get; init; }
}

/// <summary>Whether a policy acts.</summary>
public enum GuardrailMode
{
    /// <summary>It acts.</summary>
    Enforce = 1,

    /// <summary>It looks and reports what it would have done; requests and answers pass unchanged.</summary>
    Shadow = 2,
}

/// <summary>What happens when a rule finds something. Where several apply to one text the strictest wins: block, approve, route, then changes of the text by rule order.</summary>
public enum GuardrailAction
{
    /// <summary>Reported, and nothing else.</summary>
    Flag = 1,

    /// <summary>The request or answer is refused.</summary>
    Block = 2,

    /// <summary>The text is replaced by its kind: <c>[EMAIL]</c>.</summary>
    Redact = 3,

    /// <summary>All but the last characters are replaced by stars.</summary>
    Mask = 4,

    /// <summary>The text is replaced by a keyed hash of it, equal for equal texts of one tenant.</summary>
    Hash = 5,

    /// <summary>The text is replaced by a placeholder that stays the same through the conversation, and put back in what comes back.</summary>
    Pseudonymize = 6,

    /// <summary>The request goes to another route.</summary>
    Route = 7,

    /// <summary>The request waits until somebody approves it, and is refused without.</summary>
    Approve = 8,
}

/// <summary>Where a rule looks.</summary>
public enum GuardrailScope
{
    /// <summary>What goes to the model: all texts of the request.</summary>
    Input = 1,

    /// <summary>What comes back.</summary>
    Output = 2,

    /// <summary>Arguments of tool calls that a model makes.</summary>
    ToolCall = 3,

    /// <summary>Results of tools in a request.</summary>
    ToolResult = 4,

    /// <summary>Arguments and results of calls through the MCP hub.</summary>
    Mcp = 5,

    /// <summary>Texts to be embedded.</summary>
    Embedding = 6,
}
