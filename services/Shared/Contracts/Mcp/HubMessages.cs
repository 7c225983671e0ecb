using System.Text.Json;

namespace Gateway.Contracts.Mcp;

/// <summary>On whose behalf the edge asks the hub.</summary>
public sealed record HubCallerFacts
{
    /// <summary>The virtual key.</summary>
    public required string KeyId { get; init; }

    /// <summary>The key's team; empty for none.</summary>
    public string TeamId { get; set; } = "";

    /// <summary>The key's customer; empty for none.</summary>
    public string CustomerId { get; set; } = "";

    /// <summary>End user as the request names it; empty for none.</summary>
    public string EndUser { get; set; } = "";

    /// <summary>The caller's session; empty for none.</summary>
    public string SessionId { get; set; } = "";
}

/// <summary>Body of <c>POST /internal/tools</c> at the hub: which tools a caller may be offered.</summary>
public sealed record HubToolsQuery
{
    /// <summary>Who asks.</summary>
    public required HubCallerFacts Caller { get; init; }

    /// <summary>Which tools: <c>*</c>, ids of servers and bundles, patterns <c>server/tool</c> with one <c>*</c> in each part. At most 100.</summary>
    public required IReadOnlyList<string> Patterns { get; init; }

    /// <summary>More tools than this are replaced by those that search, describe, call and run programs.</summary>
    public int Most { get; set; } = 64;
}

/// <summary>Answer to it.</summary>
public sealed record HubToolsAnswer
{
    /// <summary>The tools, by name in ordinal order.</summary>
    public required IReadOnlyList<HubToolInfo> Tools { get; init; }

    /// <summary>How many tools the patterns select for the caller.</summary>
    public int Selected { get; set; }

    /// <summary>True when <see cref="Tools"/> are those of tool search, because there were too many.</summary>
    public bool IsSearch { get; set; }
}

/// <summary>A tool that a model may be offered.</summary>
public sealed record HubToolInfo
{
    /// <summary>The name that models call it by: at most 64 letters, digits, <c>_</c> and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its server; <c>gateway</c> for the hub's own.</summary>
    public required string Server { get; init; }

    /// <summary>Its name at the server.</summary>
    public required string Tool { get; init; }

    /// <summary>What it does; empty where nothing is said.</summary>
    public string Description { get; set; } = "";

    /// <summary>JSON Schema of its arguments; null for none.</summary>
    public JsonElement? Parameters { get; set; }
}

/// <summary>Body of <c>POST /internal/call</c> at the hub: one call of a tool.</summary>
public sealed record HubCallQuery
{
    /// <summary>Who calls.</summary>
    public required HubCallerFacts Caller { get; init; }

    /// <summary>The name as <see cref="HubToolInfo.Name"/> has it.</summary>
    public required string Name { get; init; }

    /// <summary>The arguments, a JSON object.</summary>
    public required JsonElement Arguments { get; init; }

    /// <summary>Most that the calls of a program may cost together, in nano-US-dollars.</summary>
    public long HoldNanoUsd { get; set; }
}

/// <summary>Answer to it.</summary>
public sealed record HubCallAnswer
{
    /// <summary>How it ended.</summary>
    public required McpCallOutcome Outcome { get; init; }

    /// <summary>The <c>result</c> of <c>tools/call</c>, whole; null when there is none.</summary>
    public JsonElement? Result { get; set; }

    /// <summary>Why there is no result, and what to do, for people and models; empty with a result.</summary>
    public string Reason { get; set; } = "";

    /// <summary>What is to be approved, when the call waits for that; empty for none.</summary>
    public string ApprovalId { get; set; } = "";

    /// <summary>What the calls of a program cost, in nano-US-dollars; 0 for any other tool, whose price is the edge's to know.</summary>
    public long NestedNanoUsd { get; set; }
}
