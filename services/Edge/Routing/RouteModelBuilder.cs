using Gateway.Contracts.Configuration;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Runtime;
using Gateway.Routing;

namespace Gateway.Edge.Routing;

/// <summary>Builds the routes of a snapshot and collects every problem.</summary>
internal static class RouteModelBuilder
{
    public static List<RouteRuntime> Build(GatewaySnapshot snapshot, IReadOnlyDictionary<string, DeploymentRuntime> deployments, RoutingState state, List<string> errors)
    {
        var entries = snapshot.Deployments.GroupBy(static d => d.Id, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.First(), StringComparer.Ordinal);
        var routes = new List<RouteRuntime>();
        foreach (var entry in snapshot.Routes)
        {
            foreach (var (field, message) in RouteCheck.Problems(entry))
            {
                errors.Add($"Route '{entry.Name}', {field}: {message}");
            }

            var targets = Targets(entry, snapshot, entries, deployments, state, errors);
            if (targets.Count > 0)
            {
                routes.AddRange(entry.Aliases.Prepend(entry.Name).Select(name => new RouteRuntime(entry, name, targets, state)));
            }
        }

        foreach (var twice in routes.GroupBy(static r => r.Name, StringComparer.Ordinal).Where(static g => g.Count() > 1))
        {
            errors.Add($"The route '{twice.Key}' is there twice.");
        }

        return routes;
    }

    private static List<TargetRuntime> Targets(
        RouteEntry entry,
        GatewaySnapshot snapshot,
        Dictionary<string, DeploymentEntry> entries,
        IReadOnlyDictionary<string, DeploymentRuntime> deployments,
        RoutingState state,
        List<string> errors)
    {
        var targets = new List<TargetRuntime>();
        foreach (var target in entry.Targets)
        {
            if (!deployments.TryGetValue(target.DeploymentId, out var deployment))
            {
                errors.Add($"Route '{entry.Name}' names the deployment '{target.DeploymentId}', which does not exist.");
                continue;
            }

            var credential = state.Credential(snapshot, entries[target.DeploymentId], deployment.Secret);
            targets.Add(new TargetRuntime(target, deployment, credential, RoutingState.CredentialId(entries[target.DeploymentId]), state, state.Bulkhead(deployment.Provider.Id, snapshot.Settings.Health.ProviderConcurrency)));
        }

        if (entry.Targets.Count == 0)
        {
            errors.Add($"Route '{entry.Name}' has no targets.");
        }

        return targets;
    }
}
