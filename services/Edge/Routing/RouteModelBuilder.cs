using Gateway.Contracts.Configuration;
using Gateway.Edge.Routing.Health;
using Gateway.Edge.Runtime;
using Gateway.Routing;

namespace Gateway.Edge.Routing;

/// <summary>Builds the routes of a snapshot and collects every problem.</summary>
internal static class RouteModelBuilder
{
    /// <summary>Builds the routes.</summary>
    /// <param name="snapshot">The configuration.</param>
    /// <param name="deployments">Its deployments.</param>
    /// <param name="state">How they fare.</param>
    /// <param name="errors">Takes every problem.</param>
    /// <param name="known">Routes over the same deployments and settings; those of entries that did not change are used again. Null for none.</param>
    public static List<RouteRuntime> Build(
        GatewaySnapshot snapshot, IReadOnlyDictionary<string, DeploymentRuntime> deployments, RoutingState state, List<string> errors, IReadOnlyList<RouteRuntime>? known = null)
    {
        var entries = snapshot.Deployments.GroupBy(static d => d.Id, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.First(), StringComparer.Ordinal);
        var same = (known ?? []).ToLookup(static r => r.Entry, ReferenceEqualityComparer.Instance);
        var routes = new List<RouteRuntime>();
        foreach (var entry in snapshot.Routes)
        {
            if (same.Contains(entry))
            {
                routes.AddRange(same[entry]);
                continue;
            }

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
