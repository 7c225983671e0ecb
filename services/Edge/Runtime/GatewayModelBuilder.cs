using System.Net;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Admission;
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

    public GatewayModel? Build(GatewaySnapshot snapshot)
    {
        if (snapshot.Format > GatewaySnapshot.CurrentFormat)
        {
            _errors.Add($"The snapshot has format {snapshot.Format}; this edge reads up to {GatewaySnapshot.CurrentFormat}. Upgrade the edge.");
            return null;
        }

        var providers = Providers(snapshot);
        var deployments = Deployments(snapshot, providers);
        var routes = RouteModelBuilder.Build(snapshot, deployments, state.Routing, _errors);
        var keys = Keys(snapshot);
        if (_errors.Count > 0)
        {
            return null;
        }

        state.Routing.Settings = snapshot.Settings.Health;
        return new GatewayModel(snapshot.Version, snapshot.Settings, keys, routes, providers, Accounts(snapshot, providers, deployments));
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

    private Dictionary<string, DeploymentRuntime> Deployments(GatewaySnapshot snapshot, Dictionary<string, ProviderRuntime> providers)
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
            if (!result.TryAdd(entry.Id, new DeploymentRuntime(entry, provider, auth, credential?.Secret ?? "", new ModelPricing(entry))))
            {
                _errors.Add($"Deployment '{entry.Id}' is there twice.");
            }
        }

        return result;
    }

    private Dictionary<string, ProviderAccount> Accounts(GatewaySnapshot snapshot, Dictionary<string, ProviderRuntime> providers, Dictionary<string, DeploymentRuntime> deployments)
    {
        var byProvider = deployments.Values.ToLookup(static d => d.Provider.Id, StringComparer.Ordinal);
        var credentials = snapshot.Credentials.ToLookup(static c => c.ProviderId, StringComparer.Ordinal);
        return providers.Values.ToDictionary(
            static p => p.Id,
            p => new ProviderAccount(p, byProvider[p.Id], [.. Bare(snapshot, p, credentials[p.Id])]),
            StringComparer.Ordinal);
    }

    /// <summary>The provider with each of its credentials, for any model.</summary>
    private IEnumerable<(DeploymentRuntime, CredentialHealth)> Bare(GatewaySnapshot snapshot, ProviderRuntime provider, IEnumerable<CredentialEntry> credentials)
    {
        foreach (var credential in credentials.Where(c => UpstreamAuths.Problem(provider.Entry, c) is null).Cast<CredentialEntry?>().DefaultIfEmpty())
        {
            var entry = new DeploymentEntry { Id = ProviderAccount.DeploymentId(provider.Id), ProviderId = provider.Id, CredentialId = credential?.Id, Model = "*" };
            var deployment = new DeploymentRuntime(entry, provider, transports.Auth(provider.Entry, credential), credential?.Secret ?? "", new ModelPricing(entry));
            yield return (deployment, state.Routing.Credential(snapshot, entry, deployment.Secret));
        }
    }

    private Dictionary<KeyHash, KeyRuntime> Keys(GatewaySnapshot snapshot)
    {
        var teams = snapshot.Teams.ToDictionary(static t => t.Id, StringComparer.Ordinal);
        var budgets = snapshot.Budgets.ToDictionary(static b => b.Id, state.Budget, StringComparer.Ordinal);
        var result = new Dictionary<KeyHash, KeyRuntime>(snapshot.Keys.Count);
        foreach (var entry in snapshot.Keys)
        {
            if (!KeyHash.TryParse(entry.Sha256, out var hash))
            {
                _errors.Add($"Key '{entry.Id}': its hash is not 64 hex digits.");
            }
            else if (Key(entry, teams, budgets) is { } key && !result.TryAdd(hash.Value, key))
            {
                _errors.Add($"Key '{entry.Id}' has the same value as another key.");
            }
        }

        return result;
    }

    private KeyRuntime? Key(VirtualKeyEntry entry, Dictionary<string, TeamEntry> teams, Dictionary<string, BudgetState> budgets)
    {
        TeamEntry? team = null;
        if (entry.TeamId is { } teamId && !teams.TryGetValue(teamId, out team))
        {
            _errors.Add($"Key '{entry.Id}' names the team '{teamId}', which does not exist.");
            return null;
        }

        var over = new List<BudgetState>();
        // Ordered by id, so that every key holds its budgets in the same order and none can wait for another in a circle.
        foreach (var id in entry.BudgetIds.Concat(team?.BudgetIds ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            if (budgets.TryGetValue(id, out var budget))
            {
                over.Add(budget);
            }
            else
            {
                _errors.Add($"Key '{entry.Id}' or its team names the budget '{id}', which does not exist.");
            }
        }

        var networks = new List<IPNetwork>();
        foreach (var text in entry.AllowedIps)
        {
            if (TryNetwork(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                _errors.Add($"Key '{entry.Id}': '{text}' is no address range; write it like 10.0.0.0/8 or 2001:db8::/32.");
            }
        }

        return new KeyRuntime(
            entry,
            team,
            state.Limits("key", entry.Id, entry.Limits),
            team is null ? null : state.Limits("team", team.Id, team.Limits),
            [.. over],
            [.. networks]);
    }

    private static bool TryNetwork(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
        {
            return true;
        }

        if (IPAddress.TryParse(text, out var single))
        {
            network = new IPNetwork(single, single.GetAddressBytes().Length * 8);
            return true;
        }

        return false;
    }
}
