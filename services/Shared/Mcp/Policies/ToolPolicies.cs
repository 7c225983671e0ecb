using Gateway.Contracts.Configuration;

namespace Gateway.Mcp.Policies;

/// <summary>The policies of a configuration.</summary>
public sealed class ToolPolicies
{
    private readonly CompiledToolPolicy[] _policies;

    private ToolPolicies(CompiledToolPolicy[] policies) => _policies = policies;

    /// <summary>None.</summary>
    public static ToolPolicies None { get; } = new([]);

    /// <summary>The policies that are switched on, in their order.</summary>
    public IReadOnlyList<CompiledToolPolicy> All => _policies;

    /// <summary>Compiles policies.</summary>
    /// <param name="entries">All policies; those that are switched off are left out.</param>
    public static ToolPolicies Compile(IEnumerable<McpPolicyEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        return new([.. entries.Where(static e => e.Enabled).OrderBy(static e => e.Order).ThenBy(static e => e.Id, StringComparer.Ordinal).Select(static e => new CompiledToolPolicy(e))]);
    }

    /// <summary>What holds for a caller. Keep it: it remembers what it has worked out.</summary>
    /// <param name="caller">The caller.</param>
    public CallerPolicies For(ToolCaller caller) => new(caller, [.. _policies.Where(p => p.AppliesTo(caller))]);
}
