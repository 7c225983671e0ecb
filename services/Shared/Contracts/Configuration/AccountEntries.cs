namespace Gateway.Contracts.Configuration;

/// <summary>A customer (an organisation): the top of the accounts.</summary>
public sealed record CustomerEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>False blocks all its keys. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Rate limits over all the customer's keys together.</summary>
    public RateLimitEntry Limits { get; set; } = new();

    /// <summary>Budgets that stand over all the customer's keys.</summary>
    public IReadOnlyList<string> BudgetIds { get; set; } = [];
}

/// <summary>A team of virtual keys.</summary>
public sealed record TeamEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>The customer it belongs to, or null.</summary>
    public string? CustomerId { get; init; }

    /// <summary>False blocks all its keys. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Rate limits over all the team's keys together.</summary>
    public RateLimitEntry Limits { get; set; } = new();

    /// <summary>Budgets that stand over all the team's keys.</summary>
    public IReadOnlyList<string> BudgetIds { get; set; } = [];

    /// <summary>Guardrail policies that hold for the team's keys besides those that select them. Default none.</summary>
    public IReadOnlyList<string> GuardrailPolicies { get; set; } = [];
}

/// <summary>A person or a service that has virtual keys.</summary>
public sealed record UserEntry
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>Address, or null. Unique over all users: a login by OIDC finds its user by it.</summary>
    public string? Email { get; init; }

    /// <summary>The team the user belongs to, or null.</summary>
    public string? TeamId { get; init; }

    /// <summary>The customer the user belongs to, or null. With a team: the team's.</summary>
    public string? CustomerId { get; init; }

    /// <summary>False blocks all its keys. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Rate limits over all the user's keys together.</summary>
    public RateLimitEntry Limits { get; set; } = new();

    /// <summary>Budgets that stand over all the user's keys.</summary>
    public IReadOnlyList<string> BudgetIds { get; set; } = [];
}

/// <summary>Rate limits; null means unlimited.</summary>
public sealed record RateLimitEntry
{
    /// <summary>Requests in a minute, spread evenly with a burst of the whole amount (GCRA). 1 to 1,000,000,000.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Prompt and completion tokens in a minute, reserved before and corrected after the call. 1 to 1,000,000,000,000.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Requests in flight at the same time. 1 to 1,000,000.</summary>
    public int? Concurrency { get; init; }
}
