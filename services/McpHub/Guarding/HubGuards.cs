using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;
using Gateway.McpHub.ControlPlane;

namespace Gateway.McpHub.Guarding;

/// <summary>The guardrail policies of a configuration that look at calls of tools, and which of them apply to whom.</summary>
internal sealed class HubGuards
{
    private const int MostKnown = 10_000;

    private readonly (GuardrailPolicyEntry Entry, CompiledPolicy? Policy)[] _policies;
    private readonly ConcurrentDictionary<string, Applied> _known = new(StringComparer.Ordinal);

    private HubGuards((GuardrailPolicyEntry Entry, CompiledPolicy? Policy)[] policies) => _policies = policies;

    /// <summary>Builds the policies of a configuration; those whose entries did not change are used again.</summary>
    public static HubGuards Build(GatewaySnapshot snapshot, (GatewaySnapshot Snapshot, HubGuards Guards)? before)
    {
        if (before is { } same && ReferenceEquals(same.Snapshot.Guardrails, snapshot.Guardrails) && ReferenceEquals(same.Snapshot.Settings, snapshot.Settings)
            && ReferenceEquals(same.Snapshot.McpPolicies, snapshot.McpPolicies) && ReferenceEquals(same.Snapshot.Keys, snapshot.Keys) && ReferenceEquals(same.Snapshot.Teams, snapshot.Teams)
            && ReferenceEquals(same.Snapshot.Users, snapshot.Users) && ReferenceEquals(same.Snapshot.Customers, snapshot.Customers))
        {
            return same.Guards;
        }

        var known = new Dictionary<GuardrailPolicyEntry, CompiledPolicy?>(ReferenceEqualityComparer.Instance);
        foreach (var (entry, policy) in before is { } b && b.Snapshot.Settings.GuardrailFailure == snapshot.Settings.GuardrailFailure ? b.Guards._policies : [])
        {
            known[entry] = policy;
        }

        return new HubGuards([.. snapshot.Guardrails.Where(static g => g.Enabled).Select(g => (g, known.TryGetValue(g, out var policy) ? policy : Compile(g, snapshot.Settings)))]);
    }

    /// <summary>What a caller's calls go through.</summary>
    public Applied For(KnownCaller caller)
    {
        if (_known.TryGetValue(caller.Key.Id, out var known))
        {
            return known;
        }

        if (_known.Count >= MostKnown)
        {
            _known.Clear();
        }

        return _known[caller.Key.Id] = Find(caller);
    }

    private Applied Find(KnownCaller caller)
    {
        // A policy that somebody relies on and that is not there, or cannot be compiled, must not mean that everything passes.
        var named = caller.Policies.Guardrails;
        if (named.FirstOrDefault(n => !Array.Exists(_policies, p => p.Entry.Id == n && p.Policy is not null)) is { } missing)
        {
            return new Applied(PolicySet.Empty, missing);
        }

        var set = _policies.Where(p => named.Contains(p.Entry.Id) || caller.Key.GuardrailPolicies.Contains(p.Entry.Id) || caller.Team?.GuardrailPolicies.Contains(p.Entry.Id) == true || Selects(p.Entry, caller))
            .Select(static p => p.Policy).OfType<CompiledPolicy>().Where(static p => p.LooksAt(GuardrailScope.Mcp));
        return new Applied(new PolicySet(set), null);
    }

    // What is for certain routes or models is not for calls of tools, which have neither.
    private static bool Selects(GuardrailPolicyEntry entry, KnownCaller caller) =>
        entry.AppliesTo is { } to && to.Routes.Count == 0 && to.Models.Count == 0
        && (to.Keys.Count == 0 || to.Keys.Contains(caller.Key.Id))
        && (to.Teams.Count == 0 || to.Teams.Contains(caller.Policies.Caller.TeamId))
        && (to.Customers.Count == 0 || to.Customers.Contains(caller.Policies.Caller.CustomerId))
        && (to.Tags.Count == 0 || to.Tags.Any(caller.Key.Tags.Contains));

    private static CompiledPolicy? Compile(GuardrailPolicyEntry entry, GatewaySettings settings) =>
        PolicyCompiler.Compile(entry.Fail is null && settings.GuardrailFailure == FailPolicy.Open ? entry with { Fail = FailPolicy.Open } : entry).Policy;

    /// <summary>The policies for a caller.</summary>
    /// <param name="Policies">Those that look at calls.</param>
    /// <param name="Missing">A policy that a policy of the hub names and that is not there: nothing passes. Null: none.</param>
    internal sealed record Applied(PolicySet Policies, string? Missing);
}
