using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Providers;
using Gateway.Routing;

namespace Gateway.Governance.Entries;

/// <summary>What is in force: the stored entries over the unstored ones.</summary>
internal sealed record EffectiveConfig(ConfigState Stored, Overlay Unstored)
{
    public bool HasProvider(string id) => Stored.Providers.ContainsKey(id) || Unstored.Providers.ContainsKey(id);

    /// <summary>The tree of the stored accounts.</summary>
    public AccountTree Accounts => Stored.Accounts;

    public bool HasTeam(string id) => Stored.Teams.ContainsKey(id);

    public bool HasUser(string id) => Stored.Users.ContainsKey(id);

    public bool HasCustomer(string id) => Stored.Customers.ContainsKey(id);

    public bool HasBudget(string id) => Stored.Budgets.ContainsKey(id);

    public bool HasDeployment(string id) => Stored.Deployments.ContainsKey(id) || Unstored.Deployments.ContainsKey(id);

    /// <summary>The deployment of an id, or null.</summary>
    public DeploymentEntry? Deployment(string id)
        => Stored.Deployments.TryGetValue(id, out var stored) ? stored.Value
            : Unstored.Deployments.TryGetValue(id, out var unstored) ? unstored.Value
            : null;

    /// <summary>The routes in force; a stored one wins over an unstored one of the same name.</summary>
    public IEnumerable<RouteEntry> Routes
        => Stored.Routes.Values.Select(r => r.Value).Concat(Unstored.Routes.Where(r => !Stored.Routes.ContainsKey(r.Key)).Select(r => r.Value.Value));

    /// <summary>Whether a public model name leads to a route: by its name, an alias or a pattern.</summary>
    public bool HasRoute(string name)
        => Routes.Any(r => r.Aliases.Prepend(r.Name).Any(n => n == name || new NamePattern(n).Matches(name, out _)));

    public bool HasCredential(string id) => Stored.Credentials.ContainsKey(id) || Unstored.Credentials.ContainsKey(id);

    /// <summary>The provider a credential belongs to, or null when there is no such credential.</summary>
    public string? ProviderOfCredential(string id)
        => Stored.Credentials.TryGetValue(id, out var stored) ? stored.Value.ProviderId
            : Unstored.Credentials.TryGetValue(id, out var unstored) ? unstored.Value.ProviderId
            : null;

    public ProviderEntry? Provider(string id)
        => Stored.Providers.TryGetValue(id, out var stored) ? stored.Value
            : Unstored.Providers.TryGetValue(id, out var unstored) ? unstored.Value
            : null;
}
