namespace Gateway.Contracts.Configuration;

/// <summary>
/// Who may use which tools, and how. Every policy that applies to a caller must let a call pass: a policy of a team cannot give what one of its customer takes. A caller to
/// whom no policy applies may use every tool that is there.
/// </summary>
public sealed record McpPolicyEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name; empty: the id.</summary>
    public string Name { get; set; } = "";

    /// <summary>False: it is kept and not applied. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Lower ones are asked first: of several that refuse, the first gives the reason. Of equal ones the id decides. Default 100; 0 to 10,000.</summary>
    public int Order { get; set; } = 100;

    /// <summary>Whose calls it applies to. Null: everybody's.</summary>
    public McpSelector? AppliesTo { get; init; }

    /// <summary>Calls that pass; empty: all but those of <see cref="Deny"/>. At most 200.</summary>
    public IReadOnlyList<McpCallPattern> Allow { get; set; } = [];

    /// <summary>Calls that do not pass, whatever <see cref="Allow"/> says. At most 200.</summary>
    public IReadOnlyList<McpCallPattern> Deny { get; set; } = [];

    /// <summary>Calls that wait until somebody approves them. At most 200.</summary>
    public IReadOnlyList<McpApprovalRule> Approve { get; set; } = [];

    /// <summary>Rate limits. At most 50.</summary>
    public IReadOnlyList<McpRateLimit> Limits { get; set; } = [];

    /// <summary>What happens when a session that read untrusted or private data is about to send something outside. Null: as the other policies say, else <see cref="McpFlow.Approve"/>.</summary>
    public McpFlow? DataFlow { get; init; }

    /// <summary>Guardrail policies, by id, that arguments and results go through besides those that apply to the caller anyway.</summary>
    public IReadOnlyList<string> GuardrailPolicies { get; set; } = [];
}

/// <summary>Selects callers: each list that is not empty must name what the caller has. With all of them empty it selects everybody.</summary>
public sealed record McpSelector
{
    /// <summary>Customers, by id.</summary>
    public IReadOnlyList<string> Customers { get; set; } = [];

    /// <summary>Teams, by id.</summary>
    public IReadOnlyList<string> Teams { get; set; } = [];

    /// <summary>Virtual keys, by id.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>Tags of the key, any of which is enough.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];
}

/// <summary>Selects calls: of one of the tools, with arguments that fit every condition.</summary>
public sealed record McpCallPattern
{
    /// <summary>Tools as <c>server/tool</c>, with one <c>*</c> in each part where wanted. 1 to 200.</summary>
    public IReadOnlyList<string> Tools { get; set; } = [];

    /// <summary>What the arguments must be, all of it; empty: anything. At most 20.</summary>
    public IReadOnlyList<McpArgumentCondition> Arguments { get; set; } = [];
}

/// <summary>
/// What an argument must be. Numbers are compared in their shortest form, <c>true</c> and <c>false</c> as such. Under Allow an argument must be there and each of its values must
/// fit; under Deny and Approve it is enough that one does.
/// </summary>
public sealed record McpArgumentCondition
{
    /// <summary>Which argument: its name, and names within it after dots: <c>issue.owner</c>. Arrays are gone through.</summary>
    public required string Path { get; init; }

    /// <summary>Texts of which one must fit as a whole; <c>*</c> stands for any characters. Where one has a <c>/</c>, values with a segment <c>..</c> do not fit under Allow. 1 to 100.</summary>
    public IReadOnlyList<string> Values { get; set; } = [];
}

/// <summary>Calls that wait until somebody approves them.</summary>
public sealed record McpApprovalRule
{
    /// <summary>Which calls.</summary>
    public required McpCallPattern Calls { get; init; }

    /// <summary>Who approves. Default <see cref="McpApproval.Admin"/>.</summary>
    public McpApproval By { get; set; } = McpApproval.Admin;
}

/// <summary>A rate limit over calls of tools.</summary>
public sealed record McpRateLimit
{
    /// <summary>Tools as <c>server/tool</c>, with one <c>*</c> in each part where wanted; they share the limit. 1 to 200.</summary>
    public IReadOnlyList<string> Tools { get; set; } = [];

    /// <summary>Most calls a minute. 1 to 1,000,000.</summary>
    public required int PerMinute { get; init; }

    /// <summary>True (default): each virtual key has its own. False: all callers that the policy applies to share one.</summary>
    public bool PerKey { get; set; } = true;
}

/// <summary>What happens when data is about to leave a session that must not. Numbers are persisted: append only.</summary>
public enum McpFlow
{
    /// <summary>The call passes; the log says so.</summary>
    Allow = 1,

    /// <summary>The call waits until an administrator approves it.</summary>
    Approve = 2,

    /// <summary>The call is refused.</summary>
    Deny = 3,
}
