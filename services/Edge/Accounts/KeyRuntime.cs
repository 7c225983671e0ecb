using System.Net;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.Limits;
using Gateway.Edge.Routing;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Accounts;

/// <summary>
/// A virtual key with everything that stands over it, ready to be checked. After a rotation there are two of them for a while, one for each value of the key,
/// which share all their parts.
/// </summary>
internal sealed class KeyRuntime(KeyIdentity identity, KeyAccess access, LimitSet limits, KeyBudgets budgets, KeyStanding standing, DateTimeOffset? expiresAt)
{
    public KeyIdentity Identity { get; } = identity;

    public KeyAccess Access { get; } = access;

    /// <summary>Whether this value of the key still stands, for requests under way.</summary>
    public KeyStanding Standing { get; } = standing;

    /// <summary>From when on this value of the key is refused, or null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; } = expiresAt;

    public string Id => Identity.Id;

    /// <summary>Empty for none.</summary>
    public string TeamId => Identity.TeamId;

    public NamePatterns Models => Access.Models;

    public NamePatterns Providers => Access.Providers;

    /// <summary>Routes of the key's own.</summary>
    public IReadOnlyList<KeyRoute> Routes => Access.Routes;

    /// <summary>Whether the key may use a model by a route.</summary>
    public bool MayUse(string model, RouteRuntime route) => Access.Models.Allows(model) && Access.AllowedRoutes.Allows(route.Entry.Name);

    public IPNetwork[] Networks => Access.Networks;

    public IReadOnlyList<string> RequiredMetadata => Access.RequiredMetadata;

    /// <summary>Every rate limit over the key, those of the accounts above it included.</summary>
    public LimitSet Limits { get; } = limits;

    /// <summary>The budgets over the key's requests, those of the accounts above it included.</summary>
    public KeyBudgets Budgets { get; } = budgets;
}
