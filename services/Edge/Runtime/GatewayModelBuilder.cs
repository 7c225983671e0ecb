using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Accounts;
using Gateway.Edge.Callers;
using Gateway.Edge.Guarding.Policies;
using Gateway.Edge.Prices;
using Gateway.Edge.Providers;
using Gateway.Edge.Providers.Auth;
using Gateway.Edge.Routing;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Runtime;

/// <summary>
/// Builds the runtime model of a snapshot and checks that it is whole: every reference exists and every value is usable. All problems are collected, so that
/// an operator sees them at once.
/// </summary>
internal sealed class GatewayModelBuilder(ProviderTransports transports, RuntimeState state)
{
    private readonly List<string> _errors = [];

    /// <summary>The problems found; the model is usable only when there are none.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Builds a model, or nothing when there are errors.</summary>
    /// <param name="snapshot">The configuration.</param>
    /// <param name="before">The model in force; what did not change since is taken from it, so that a change costs what it changes. Null for none.</param>
    public GatewayModel? Build(GatewaySnapshot snapshot, GatewayModel? before = null)
    {
        if (snapshot.Format > GatewaySnapshot.CurrentFormat)
        {
            _errors.Add($"The snapshot has format {snapshot.Format}; this edge reads up to {GatewaySnapshot.CurrentFormat}. Upgrade the edge.");
            return null;
        }

        var known = before is not null && HasSameUpstream(before.KeyModel.Snapshot, snapshot) ? before : null;
        var upstream = known?.Upstream ?? Upstream(snapshot);
        var routes = known is not null && ReferenceEquals(known.KeyModel.Snapshot.Routes, snapshot.Routes)
            ? known.RouteTable
            : new RouteTable(RouteModelBuilder.Build(snapshot, upstream.Deployments, state.Routing, _errors, known?.Routes));
        var accounts = new KeyModelBuilder(state, _errors);
        var keys = accounts.Build(snapshot, before?.KeyModel);
        var issuers = JwtIssuers.Build(snapshot, accounts.Derived!, state.Jwt, _errors);
        var guards = GuardModel.Build(snapshot, before is null ? null : (before.KeyModel.Snapshot, before.Guards), _errors);
        if (_errors.Count > 0)
        {
            return null;
        }

        issuers.Use(state.Jwt);
        accounts.Use();
        state.Routing.Settings = snapshot.Settings.Health;
        return new GatewayModel(snapshot, keys, routes, upstream, before) { JwtIssuers = issuers, Guards = guards };
    }

    /// <summary>True when at most accounts, keys, budgets and routes differ; a member of the snapshot that is not named here counts.</summary>
    private static bool HasSameUpstream(GatewaySnapshot before, GatewaySnapshot snapshot) => snapshot == before with
    {
        Version = snapshot.Version,
        Routes = snapshot.Routes,
        Customers = snapshot.Customers,
        Users = snapshot.Users,
        Teams = snapshot.Teams,
        Keys = snapshot.Keys,
        JwtIssuers = snapshot.JwtIssuers,
        Budgets = snapshot.Budgets,
        Limits = snapshot.Limits,
        CachePurges = snapshot.CachePurges,
        Guardrails = snapshot.Guardrails,
        McpServers = snapshot.McpServers,
        McpBundles = snapshot.McpBundles,
        McpPolicies = snapshot.McpPolicies,
        McpTools = snapshot.McpTools,
        McpCredentials = snapshot.McpCredentials,
    };

    private UpstreamModel Upstream(GatewaySnapshot snapshot)
    {
        var providers = Providers(snapshot);
        var prices = Prices(snapshot);
        var deployments = Deployments(snapshot, providers, prices);
        return new UpstreamModel(providers, deployments, Accounts(snapshot, providers, deployments, prices));
    }

    private PriceBooks Prices(GatewaySnapshot snapshot)
    {
        foreach (var entry in snapshot.PriceOverrides)
        {
            foreach (var problem in PriceOverrideCheck.Problems(entry))
            {
                _errors.Add($"Price override '{entry.Id}': {problem}");
            }
        }

        return new PriceBooks(_errors.Count > 0 ? [] : snapshot.PriceOverrides, snapshot.Settings);
    }

    private Dictionary<string, ProviderRuntime> Providers(GatewaySnapshot snapshot)
    {
        var result = new Dictionary<string, ProviderRuntime>(StringComparer.Ordinal);
        var credentials = snapshot.Credentials.ToLookup(static c => c.ProviderId, StringComparer.Ordinal);
        foreach (var given in snapshot.Providers)
        {
            var entry = transports.Fill(given, credentials[given.Id]);
            if (ProviderDefaults.Problem(entry) is { } problem)
            {
                _errors.Add($"Provider '{entry.Id}': {problem}");
            }
            else if (!result.TryAdd(entry.Id, new ProviderRuntime(entry, transports.Get(entry))))
            {
                _errors.Add($"Provider '{entry.Id}' is there twice.");
            }
        }

        return result;
    }

    private Dictionary<string, DeploymentRuntime> Deployments(GatewaySnapshot snapshot, Dictionary<string, ProviderRuntime> providers, PriceBooks prices)
    {
        var secrets = snapshot.Credentials.ToDictionary(static c => c.Id, StringComparer.Ordinal);
        var result = new Dictionary<string, DeploymentRuntime>(StringComparer.Ordinal);
        foreach (var entry in snapshot.Deployments)
        {
            if (!providers.TryGetValue(entry.ProviderId, out var provider))
            {
                _errors.Add($"Deployment '{entry.Id}' names the provider '{entry.ProviderId}', which does not exist.");
                continue;
            }

            CredentialEntry? credential = null;
            if (entry.CredentialId is { } id && !secrets.TryGetValue(id, out credential))
            {
                _errors.Add($"Deployment '{entry.Id}' names the credential '{id}', which does not exist.");
                continue;
            }

            if (credential is not null && UpstreamAuths.Problem(provider.Entry, credential) is { } unfit)
            {
                _errors.Add($"Deployment '{entry.Id}': {unfit}");
                continue;
            }

            var auth = transports.Auth(provider.Entry, credential);
            if (!result.TryAdd(entry.Id, new DeploymentRuntime(entry, provider, auth, credential?.Secret ?? "", prices.Of(entry))))
            {
                _errors.Add($"Deployment '{entry.Id}' is there twice.");
            }
        }

        return result;
    }

    private Dictionary<string, ProviderAccount> Accounts(GatewaySnapshot snapshot, Dictionary<string, ProviderRuntime> providers, Dictionary<string, DeploymentRuntime> deployments, PriceBooks prices)
    {
        var byProvider = deployments.Values.ToLookup(static d => d.Provider.Id, StringComparer.Ordinal);
        var credentials = snapshot.Credentials.ToLookup(static c => c.ProviderId, StringComparer.Ordinal);
        return providers.Values.ToDictionary(
            static p => p.Id,
            p => new ProviderAccount(p, byProvider[p.Id], [.. Bare(snapshot, p, credentials[p.Id], prices)]),
            StringComparer.Ordinal);
    }

    /// <summary>The provider with each of its credentials, for any model.</summary>
    private IEnumerable<(DeploymentRuntime, CredentialHealth)> Bare(GatewaySnapshot snapshot, ProviderRuntime provider, IEnumerable<CredentialEntry> credentials, PriceBooks prices)
    {
        foreach (var credential in credentials.Where(c => UpstreamAuths.Problem(provider.Entry, c) is null).Cast<CredentialEntry?>().DefaultIfEmpty())
        {
            var entry = new DeploymentEntry { Id = ProviderAccount.DeploymentId(provider.Id), ProviderId = provider.Id, CredentialId = credential?.Id, Model = "*" };
            var deployment = new DeploymentRuntime(entry, provider, transports.Auth(provider.Entry, credential), credential?.Secret ?? "", prices.Of(entry));
            yield return (deployment, state.Routing.Credential(snapshot, entry, deployment.Secret));
        }
    }
}
