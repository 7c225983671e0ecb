using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Edge.Pipeline;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Routing;

namespace Gateway.Edge.Guarding.Policies;

/// <summary>The guardrail policies of a configuration, and which of them apply to whom. Where there is none, asking costs a comparison.</summary>
internal sealed class GuardModel
{
    /// <summary>Most combinations of key, route and model that are remembered.</summary>
    private const int MostKnown = 10_000;

    private readonly Selected[] _policies;
    private readonly bool _dependsOnTags;
    private readonly ConcurrentDictionary<(KeyIdentity Key, string Route, string Model), PolicySet> _known = new();
    private readonly ConcurrentDictionary<string, PolicySet> _sets = new(StringComparer.Ordinal);

    private GuardModel(IEnumerable<Selected> policies, CompiledPolicy? blocked)
    {
        _policies = [.. policies];
        BlockedTerms = blocked;
        _dependsOnTags = Array.Exists(_policies, static p => p.Entry.AppliesTo is { Tags.Count: > 0 });
    }

    /// <summary>No policy.</summary>
    public static GuardModel None { get; } = new([], null);

    /// <summary>True when no request is ever looked at.</summary>
    public bool IsEmpty => _policies.Length == 0 && BlockedTerms is null;

    /// <summary>The policy of <c>settings.blockedTerms</c>, which looks at every text of a request, also where no model reads it; null where there are none.</summary>
    public CompiledPolicy? BlockedTerms { get; }

    /// <summary>All policies by id, those that are switched off left out.</summary>
    public IEnumerable<CompiledPolicy> All => _policies.Select(static p => p.Policy);

    /// <summary>Builds the model of a snapshot.</summary>
    /// <param name="snapshot">The configuration.</param>
    /// <param name="before">The model in force, whose policies are used again where their entries are the same; null for none.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static GuardModel Build(GatewaySnapshot snapshot, (GatewaySnapshot Snapshot, GuardModel Model)? before, List<string> errors)
    {
        if (before is { } last && ReferenceEquals(last.Snapshot.Guardrails, snapshot.Guardrails) && ReferenceEquals(last.Snapshot.Settings, snapshot.Settings))
        {
            return last.Model;
        }

        if (snapshot.Guardrails.Count == 0 && snapshot.Settings.BlockedTerms.Count == 0)
        {
            return None;
        }

        var known = new Dictionary<GuardrailPolicyEntry, Selected>(ReferenceEqualityComparer.Instance);
        foreach (var policy in before is { } b && b.Snapshot.Settings.GuardrailFailure == snapshot.Settings.GuardrailFailure ? b.Model._policies : [])
        {
            known[policy.Entry] = policy;
        }

        var policies = new List<Selected>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in snapshot.Guardrails)
        {
            if (!ids.Add(entry.Id))
            {
                errors.Add($"Guardrail policy '{entry.Id}' is there twice.");
            }
            else if (known.TryGetValue(entry, out var same))
            {
                policies.Add(same);
            }
            else if (PolicyCompiler.Compile(WithFailure(entry, snapshot.Settings)) is var compilation && compilation.Policy is { } policy)
            {
                policies.Add(new Selected(entry, policy));
            }
            else
            {
                errors.AddRange(compilation.Problems.Select(p => $"Guardrail policy '{entry.Id}': {p.Path}: {p.Message}"));
            }
        }

        return new GuardModel(policies.Where(static p => p.Entry.Enabled), CompiledPolicy.BlockTerms(snapshot.Settings.BlockedTerms));
    }

    // Where the settings open what fails, a policy that does not say itself is open.
    private static GuardrailPolicyEntry WithFailure(GuardrailPolicyEntry entry, GatewaySettings settings) =>
        entry.Fail is null && settings.GuardrailFailure == FailPolicy.Open ? entry with { Fail = FailPolicy.Open } : entry;

    /// <summary>The policies for a request at a route; sampling is not considered.</summary>
    public PolicySet For(RequestContext context)
    {
        if (_policies.Length == 0 || context.Key is not { } key)
        {
            return PolicySet.Empty;
        }

        var route = context.Route?.Entry;
        if (_dependsOnTags)
        {
            return Find(key.Identity, route, context.ModelName, context.Tags);
        }

        var place = (key.Identity, route?.Name ?? "", context.ModelName);
        if (_known.TryGetValue(place, out var set))
        {
            return set;
        }

        set = Find(key.Identity, route, context.ModelName, []);
        if (_known.Count >= MostKnown)
        {
            _known.Clear();
        }

        _known[place] = set;
        return set;
    }

    /// <summary>The policies for what a model that is not known made for a key: those of any route and model.</summary>
    public PolicySet ForAny(RequestContext context) => context.Key is not { Identity: var key }
        ? PolicySet.Empty
        : Of(_policies.Where(p => key.GuardrailPolicies.Contains(p.Entry.Id) || context.Model.Routes.Any(r => r.Entry.GuardrailPolicies.Contains(p.Entry.Id)) || p.SelectsAny(key, context.Tags)).Select(static p => p.Policy));

    /// <summary>The set of those policies of another that fit; one object for each combination.</summary>
    public PolicySet Of(IEnumerable<CompiledPolicy> policies)
    {
        CompiledPolicy[] all = [.. policies];
        if (all.Length == 0)
        {
            return PolicySet.Empty;
        }

        var name = string.Join('\n', all.Select(static p => p.Entry.Id));
        if (_sets.TryGetValue(name, out var set))
        {
            return set;
        }

        if (_sets.Count >= MostKnown)
        {
            _sets.Clear();
        }

        return _sets.GetOrAdd(name, static (_, all) => new PolicySet(all), all);
    }

    private PolicySet Find(KeyIdentity key, RouteEntry? route, string model, string[] tags) =>
        Of(_policies.Where(p => key.GuardrailPolicies.Contains(p.Entry.Id) || route?.GuardrailPolicies.Contains(p.Entry.Id) == true || p.Selects(key, route, model, tags)).Select(static p => p.Policy));

    /// <summary>A policy with what it applies to.</summary>
    private sealed class Selected(GuardrailPolicyEntry entry, CompiledPolicy policy)
    {
        private readonly NamePattern[] _routes = [.. (entry.AppliesTo?.Routes ?? []).Select(static r => new NamePattern(r))];
        private readonly NamePattern[] _models = [.. (entry.AppliesTo?.Models ?? []).Select(static m => new NamePattern(m))];

        public GuardrailPolicyEntry Entry { get; } = entry;

        public CompiledPolicy Policy { get; } = policy;

        public bool Selects(KeyIdentity key, RouteEntry? route, string model, string[] tags) =>
            SelectsAny(key, tags)
            && (_routes.Length == 0 || (route is not null && Array.Exists(_routes, r => r.Matches(route.Name, out _))))
            && (_models.Length == 0 || Array.Exists(_models, m => m.Matches(model, out _)));

        public bool SelectsAny(KeyIdentity key, string[] tags) =>
            Entry.AppliesTo is { } to
            && (to.Keys.Count == 0 || to.Keys.Contains(key.Id))
            && (to.Teams.Count == 0 || to.Teams.Contains(key.TeamId))
            && (to.Customers.Count == 0 || to.Customers.Contains(key.CustomerId))
            && (to.Tags.Count == 0 || to.Tags.Any(tags.Contains));
    }
}
