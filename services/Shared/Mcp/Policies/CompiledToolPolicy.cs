using Gateway.Contracts.Configuration;
using Gateway.Mcp.Matching;

namespace Gateway.Mcp.Policies;

/// <summary>A policy of the hub, ready to be asked. Make it once per configuration and use it from any thread.</summary>
public sealed class CompiledToolPolicy
{
    internal CompiledToolPolicy(McpPolicyEntry entry)
    {
        Entry = entry;
        Allow = [.. entry.Allow.Select(static p => new CompiledCall(p))];
        Deny = [.. entry.Deny.Select(static p => new CompiledCall(p))];
        Approve = [.. entry.Approve.Select(static a => (new CompiledCall(a.Calls), a.By))];
        Limits = [.. entry.Limits.Select((l, i) => new CompiledToolLimit($"mcp-policy:{entry.Id}:{i}", l))];
    }

    /// <summary>What it was made of.</summary>
    public McpPolicyEntry Entry { get; }

    /// <summary>What callers are told it is called.</summary>
    public string Name => Entry.Name.Length > 0 ? Entry.Name : Entry.Id;

    /// <summary>Its rate limits.</summary>
    public IReadOnlyList<CompiledToolLimit> Limits { get; }

    internal CompiledCall[] Allow { get; }

    internal CompiledCall[] Deny { get; }

    internal (CompiledCall Calls, McpApproval By)[] Approve { get; }

    /// <summary>Whether it applies to a caller.</summary>
    /// <param name="caller">The caller.</param>
    public bool AppliesTo(ToolCaller caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return Entry.AppliesTo is not { } to
            || ((to.Keys.Count == 0 || to.Keys.Contains(caller.KeyId))
                && (to.Teams.Count == 0 || to.Teams.Contains(caller.TeamId))
                && (to.Customers.Count == 0 || to.Customers.Contains(caller.CustomerId))
                && (to.Tags.Count == 0 || to.Tags.Any(caller.Tags.Contains)));
    }
}

/// <summary>A rate limit of a policy, ready to be asked.</summary>
public sealed class CompiledToolLimit
{
    private readonly IReadOnlyList<ToolPattern> _tools;

    internal CompiledToolLimit(string id, McpRateLimit entry) => (Id, Entry, _tools) = (id, entry, ToolPattern.Of(entry.Tools));

    /// <summary>Unique among the limits of a configuration.</summary>
    public string Id { get; }

    /// <summary>What it was made of.</summary>
    public McpRateLimit Entry { get; }

    /// <summary>Whether it stands over calls of a tool.</summary>
    /// <param name="server">The server's id.</param>
    /// <param name="tool">The tool's own name.</param>
    public bool Selects(string server, string tool) => _tools.Any(p => p.Selects(server, tool));
}
