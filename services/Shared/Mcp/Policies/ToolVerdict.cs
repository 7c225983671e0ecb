using Gateway.Contracts.Configuration;

namespace Gateway.Mcp.Policies;

/// <summary>What policies say of a call.</summary>
public readonly record struct ToolVerdict
{
    /// <summary>True: it may be made, as far as policies are concerned.</summary>
    public bool IsAllowed { get; private init; }

    /// <summary>Why it may not, for the caller: a sentence that names no other tenant.</summary>
    public string? Reason { get; private init; }

    /// <summary>The policy that refuses it, or wants it approved; null for the key itself.</summary>
    public string? PolicyId { get; private init; }

    /// <summary>Who has to approve it first.</summary>
    public McpApproval Approval { get; private init; }

    internal static ToolVerdict Allow(McpApproval approval, string? policy) => new() { IsAllowed = true, Approval = approval, PolicyId = policy };

    internal static ToolVerdict Refuse(string reason, string? policy) => new() { Reason = reason, PolicyId = policy, Approval = McpApproval.None };
}
