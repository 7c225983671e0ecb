using System.Collections.Immutable;
using System.Text.Json;
using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Alerts;
using Gateway.Governance.Credentials;
using Gateway.Governance.Keys;
using Gateway.Governance.Reconciliation.Fetching;

namespace Gateway.Governance.Entries;

/// <summary>Everything stored, at one version: immutable, replaced whole.</summary>
internal sealed record ConfigState
{
    public static ConfigState Empty { get; } = new();

    public long Version { get; private init; }

    public ImmutableSortedDictionary<string, Stored<ProviderEntry>> Providers { get; private init; } = None<ProviderEntry>();

    public ImmutableSortedDictionary<string, Stored<StoredCredential>> Credentials { get; private init; } = None<StoredCredential>();

    public ImmutableSortedDictionary<string, Stored<DeploymentEntry>> Deployments { get; private init; } = None<DeploymentEntry>();

    public ImmutableSortedDictionary<string, Stored<RouteEntry>> Routes { get; private init; } = None<RouteEntry>();

    public ImmutableSortedDictionary<string, Stored<CustomerEntry>> Customers { get; private init; } = None<CustomerEntry>();

    public ImmutableSortedDictionary<string, Stored<TeamEntry>> Teams { get; private init; } = None<TeamEntry>();

    public ImmutableSortedDictionary<string, Stored<UserEntry>> Users { get; private init; } = None<UserEntry>();

    public ImmutableSortedDictionary<string, Stored<BudgetEntry>> Budgets { get; private init; } = None<BudgetEntry>();

    public ImmutableSortedDictionary<string, Stored<LimitEntry>> Limits { get; private init; } = None<LimitEntry>();

    public ImmutableSortedDictionary<string, Stored<PriceOverrideEntry>> PriceOverrides { get; private init; } = None<PriceOverrideEntry>();

    public ImmutableSortedDictionary<string, Stored<GuardrailPolicyEntry>> Guardrails { get; private init; } = None<GuardrailPolicyEntry>();

    public ImmutableSortedDictionary<string, Stored<StoredKey>> Keys { get; private init; } = None<StoredKey>();

    /// <summary>Name of a virtual key; null for one that there is not, or not any more.</summary>
    public string? NameOfKey(string? id) => id is not null && Keys.TryGetValue(id, out var stored) ? stored.Value.Entry.Name : null;

    public ImmutableSortedDictionary<string, Stored<StoredChannel>> AlertChannels { get; private init; } = None<StoredChannel>();

    public ImmutableSortedDictionary<string, Stored<JwtIssuerEntry>> Issuers { get; private init; } = None<JwtIssuerEntry>();

    public ImmutableSortedDictionary<string, Stored<BillSourceEntry>> BillSources { get; private init; } = None<BillSourceEntry>();

    public ImmutableSortedDictionary<string, Stored<CachePurgeEntry>> CachePurges { get; private init; } = None<CachePurgeEntry>();

    public ImmutableSortedDictionary<string, Stored<McpServerEntry>> McpServers { get; private init; } = None<McpServerEntry>();

    public ImmutableSortedDictionary<string, Stored<McpBundleEntry>> McpBundles { get; private init; } = None<McpBundleEntry>();

    public ImmutableSortedDictionary<string, Stored<McpPolicyEntry>> McpPolicies { get; private init; } = None<McpPolicyEntry>();

    public ImmutableSortedDictionary<string, Stored<McpToolEntry>> McpTools { get; private init; } = None<McpToolEntry>();

    public ImmutableSortedDictionary<string, Stored<GatewaySettings>> Settings { get; private init; } = None<GatewaySettings>();

    /// <summary>The tree of the accounts.</summary>
    public AccountTree Accounts => new(
        id => Customers.GetValueOrDefault(id)?.Value,
        id => Teams.GetValueOrDefault(id)?.Value,
        id => Users.GetValueOrDefault(id)?.Value);

    /// <summary>This state with the rows that changed since; costs in proportion to the rows, not to the state.</summary>
    public ConfigState With(IReadOnlyList<EntryRow> rows, long version)
    {
        var byKind = rows.ToLookup(r => r.Kind, StringComparer.Ordinal);
        return new ConfigState
        {
            Version = rows.Count == 0 ? version : Math.Max(version, rows.Max(r => r.Version)),
            Providers = Apply(Providers, byKind[EntryKinds.Provider]),
            Credentials = Apply(Credentials, byKind[EntryKinds.Credential]),
            Deployments = Apply(Deployments, byKind[EntryKinds.Deployment]),
            Routes = Apply(Routes, byKind[EntryKinds.Route]),
            Customers = Apply(Customers, byKind[EntryKinds.Customer]),
            Teams = Apply(Teams, byKind[EntryKinds.Team]),
            Users = Apply(Users, byKind[EntryKinds.User]),
            Budgets = Apply(Budgets, byKind[EntryKinds.Budget]),
            Limits = Apply(Limits, byKind[EntryKinds.Limit]),
            PriceOverrides = Apply(PriceOverrides, byKind[EntryKinds.PriceOverride]),
            Guardrails = Apply(Guardrails, byKind[EntryKinds.Guardrail]),
            Keys = Apply(Keys, byKind[EntryKinds.Key]),
            AlertChannels = Apply(AlertChannels, byKind[EntryKinds.AlertChannel]),
            Issuers = Apply(Issuers, byKind[EntryKinds.Issuer]),
            BillSources = Apply(BillSources, byKind[EntryKinds.BillSource]),
            CachePurges = Apply(CachePurges, byKind[EntryKinds.CachePurge]),
            McpServers = Apply(McpServers, byKind[EntryKinds.McpServer]),
            McpBundles = Apply(McpBundles, byKind[EntryKinds.McpBundle]),
            McpPolicies = Apply(McpPolicies, byKind[EntryKinds.McpPolicy]),
            McpTools = Apply(McpTools, byKind[EntryKinds.McpTool]),
            Settings = Apply(Settings, byKind[EntryKinds.Settings]),
        };
    }

    private static ImmutableSortedDictionary<string, Stored<T>> Apply<T>(
        ImmutableSortedDictionary<string, Stored<T>> table, IEnumerable<EntryRow> rows)
    {
        var json = DefaultingJson.For<T>();
        var builder = table.ToBuilder();
        foreach (var row in rows)
        {
            if (row.Deleted != 0)
            {
                builder.Remove(row.Id);
                continue;
            }

            var value = JsonSerializer.Deserialize(row.Body, json) ?? throw new JsonException($"Stored {row.Kind} '{row.Id}' is null.");
            builder[row.Id] = new Stored<T>(
                value, row.Version, DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt), DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAt));
        }

        return builder.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, Stored<T>> None<T>()
        => ImmutableSortedDictionary<string, Stored<T>>.Empty.WithComparers(StringComparer.Ordinal);
}
