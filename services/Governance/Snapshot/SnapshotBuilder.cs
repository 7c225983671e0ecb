using System.Collections.Immutable;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Credentials;
using Gateway.Governance.Caching;
using Gateway.Governance.Entries;
using Gateway.Governance.Guardrails;
using Gateway.Governance.Ledger;
using Gateway.Governance.Mcp;
using Gateway.Governance.Providers;
using Gateway.Governance.Secrets;
using Gateway.Governance.Settings;
using Gateway.Routing;

namespace Gateway.Governance.Snapshot;

/// <summary>
/// Makes the snapshot the edges get. This is the only place where secrets of providers are decrypted, or taken from where they are kept. What cannot work (a secret that does not open,
/// a deployment whose provider is gone) is left out and told, so that one broken entry never keeps the rest from the edges.
/// </summary>
internal sealed class SnapshotBuilder(KeyRing ring, SecretBook secrets)
{
    private (ConfigState State, AccountEntries Accounts)? _last;

    /// <summary>Builds the snapshot of a configuration. One at a time: what was made of the last configuration's accounts is used again.</summary>
    public (GatewaySnapshot Snapshot, IReadOnlyList<string> Faults) Build(EffectiveConfig config)
    {
        var faults = new List<string>();
        var stored = config.Stored;
        var providers = Merge(stored.Providers, config.Unstored.Providers);
        var credentials = Credentials(config, faults);
        // The secrets of MCP servers are the hub's: they go apart, so that no edge takes one for a provider's.
        var hubs = credentials.Where(c => stored.McpServers.ContainsKey(c.ProviderId)).ToList();
        var usable = credentials.Where(c => providers.ContainsKey(c.ProviderId) || (!stored.McpServers.ContainsKey(c.ProviderId) && Has(providers, c.ProviderId, $"credential '{c.Id}'", "provider", faults))).ToDictionary(c => c.Id, StringComparer.Ordinal);
        var deployments = Merge(stored.Deployments, config.Unstored.Deployments).Values
            .Where(d => Has(providers, d.ProviderId, $"deployment '{d.Id}'", "provider", faults)
                && (d.CredentialId is null || Has(usable, d.CredentialId, $"deployment '{d.Id}'", "credential", faults)))
            .ToDictionary(d => d.Id, StringComparer.Ordinal);
        var routes = Merge(stored.Routes, config.Unstored.Routes).Values
            .Select(r => r.Targets.All(t => deployments.ContainsKey(t.DeploymentId)) ? r : r with
            {
                Targets = [.. r.Targets.Where(t => Has(deployments, t.DeploymentId, $"route '{r.Name}'", "deployment", faults))],
            })
            .Select(r => WithoutLostTargets(r, faults))
            .Where(r => r.Targets.Count > 0 && IsWhole(r, faults))
            .ToList();
        var accounts = AccountEntries.Of(stored, _last, faults);
        _last = (stored, accounts);
        GuardrailReferences.Report(stored, usable.ContainsKey, name => routes.Exists(r => r.Aliases.Prepend(r.Name).Any(n => n == name || new NamePattern(n).Matches(name, out _))), faults);
        McpReferences.Report(stored, hubs.Select(static c => c.Id).ToHashSet(StringComparer.Ordinal).Contains, faults);
        return (new GatewaySnapshot
        {
            Version = stored.Version,
            Providers = [.. providers.Values],
            Credentials = [.. usable.Values],
            Deployments = [.. deployments.Values],
            Routes = [.. routes],
            Customers = accounts.Customers,
            Users = accounts.Users,
            Teams = accounts.Teams,
            Keys = accounts.Keys,
            Limits = [.. stored.Limits.Values.Select(l => l.Value)],
            JwtIssuers = Issuers(stored, accounts.Keys.Select(static k => k.Id).ToHashSet(StringComparer.Ordinal), faults),
            Budgets = Budgets(stored, faults),
            PriceOverrides = [.. stored.PriceOverrides.Values.Select(p => p.Value)],
            CachePurges = CachePurges.Of(stored),
            Guardrails = [.. stored.Guardrails.Values.Select(static g => g.Value)],
            McpServers = [.. stored.McpServers.Values.Select(static s => s.Value)],
            McpBundles = [.. stored.McpBundles.Values.Select(static b => b.Value)],
            McpPolicies = [.. stored.McpPolicies.Values.Select(static p => p.Value)],
            McpTools = [.. stored.McpTools.Values.Select(static t => t.Value)],
            McpCredentials = hubs,
            Settings = SettingsEndpoints.Of(stored),
            Revisions = stored.Credentials.Select(static c => KeyValuePair.Create("credential:" + c.Key, c.Value.Version))
                .Concat(stored.Providers.Select(static p => KeyValuePair.Create("provider:" + p.Key, p.Value.Version)))
                .ToDictionary(StringComparer.Ordinal),
        }, faults);
    }

    private static List<BudgetEntry> Budgets(ConfigState stored, List<string> faults)
    {
        var budgets = new List<BudgetEntry>(stored.Budgets.Count);
        foreach (var (_, budget) in stored.Budgets)
        {
            budgets.Add(ClosedBudgets.Of(budget.Value));
            if (ClosedBudgets.Problem(budget.Value) is { } problem)
            {
                faults.Add(problem);
            }
        }

        return budgets;
    }

    private static List<JwtIssuerEntry> Issuers(ConfigState stored, HashSet<string> keys, List<string> faults)
    {
        var issuers = new List<JwtIssuerEntry>();
        foreach (var (id, issuer) in stored.Issuers)
        {
            if (issuer.Value.Keys.Select(static k => k.KeyId).Append(issuer.Value.KeyId).OfType<string>().FirstOrDefault(k => !keys.Contains(k)) is { } missing)
            {
                faults.Add($"The issuer '{id}' names the key '{missing}', which is not there (any more).");
            }
            else
            {
                issuers.Add(issuer.Value);
            }
        }

        return issuers;
    }

    /// <summary>Rules that name only targets which are gone would send nothing anywhere: they are left out.</summary>
    private static RouteEntry WithoutLostTargets(RouteEntry route, List<string> faults)
    {
        if (route.Rules.Count == 0)
        {
            return route;
        }

        var there = route.Targets.Select(t => t.DeploymentId).ToHashSet(StringComparer.Ordinal);
        var rules = new List<RouteRule>();
        for (var i = 0; i < route.Rules.Count; i++)
        {
            var rule = route.Rules[i];
            var left = rule.Targets.Where(there.Contains).ToList();
            if (rule.Targets.Count > 0 && left.Count == 0)
            {
                faults.Add($"Rule '{RouteCheck.NameOf(rule, i)}' of route '{route.Name}' names only deployments that are not there (any more).");
                continue;
            }

            rules.Add(left.Count == rule.Targets.Count ? rule : rule with { Targets = left });
        }

        return route with { Rules = rules };
    }

    private static bool IsWhole(RouteEntry route, List<string> faults)
    {
        var problems = RouteCheck.Problems(route).ToList();
        faults.AddRange(problems.Select(p => $"Route '{route.Name}', {p.Field}: {p.Message}"));
        return problems.Count == 0;
    }

    private List<CredentialEntry> Credentials(EffectiveConfig config, List<string> faults)
    {
        var credentials = new List<CredentialEntry>();
        foreach (var (id, stored) in config.Stored.Credentials)
        {
            if (ring.OpenEntry(stored.Value) is { } credential)
            {
                if (WithSecret(credential, stored.Value, faults) is { } whole)
                {
                    credentials.Add(whole);
                }
            }
            else
            {
                faults.Add($"The secret of credential '{id}' cannot be decrypted: key '{stored.Value.KeyId}' is not in this instance's key ring, or the row was altered. Replace the secret or restore the key ring.");
            }
        }

        credentials.AddRange(config.Unstored.Credentials.Where(c => !config.Stored.Credentials.ContainsKey(c.Key)).Select(c => c.Value.Value));
        return credentials;
    }

    private CredentialEntry? WithSecret(CredentialEntry credential, StoredCredential stored, List<string> faults)
    {
        if (stored.SecretRef is not { } reference)
        {
            return credential;
        }

        var value = secrets.Use(reference);
        var problem = value is null ? secrets.Look(reference)?.Problem ?? "it was not read yet" : CredentialForms.Problem(stored.Type, value);
        if (problem is null)
        {
            return credential with { Secret = value! };
        }

        faults.Add($"The secret of credential '{stored.Id}' cannot be had from {reference}: {problem}.");
        return null;
    }

    private static SortedDictionary<string, T> Merge<T>(
        ImmutableSortedDictionary<string, Stored<T>> stored, ImmutableSortedDictionary<string, Unstored<T>> unstored)
    {
        var merged = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (id, entry) in stored)
        {
            merged.Add(id, entry.Value);
        }

        foreach (var (id, entry) in unstored)
        {
            merged.TryAdd(id, entry.Value);
        }

        return merged;
    }

    private static bool Has<T>(IReadOnlyDictionary<string, T> entries, string id, string who, string kind, List<string> faults)
    {
        if (entries.ContainsKey(id))
        {
            return true;
        }

        faults.Add($"The {who} names the {kind} '{id}', which is not there (any more).");
        return false;
    }
}
