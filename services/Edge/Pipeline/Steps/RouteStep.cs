using Gateway.Contracts.Configuration;
using Gateway.Edge.Errors;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Pipeline.Steps;

/// <summary>Step 7: where it goes. Orders the route's targets by its strategy and leaves out those the key may not reach.</summary>
internal sealed class RouteStep
{
    public Failure? Run(RequestContext context)
    {
        var route = context.Route!;
        if (route.Tiers is [[var single]])
        {
            if (context.Key!.Providers.Allows(single.Deployment.Provider.Id))
            {
                context.Candidates.Set(single.Deployment);
                return null;
            }

            return Forbidden(context);
        }

        var ordered = new List<DeploymentRuntime>(4);
        foreach (var tier in route.Tiers)
        {
            AddTier(context, route, tier, ordered);
        }

        if (ordered.Count == 0)
        {
            return Forbidden(context);
        }

        context.Candidates.Set([.. ordered], ordered.Count);
        return null;
    }

    private static void AddTier(RequestContext context, RouteRuntime route, TargetRuntime[] tier, List<DeploymentRuntime> ordered)
    {
        var allowed = new List<TargetRuntime>(tier.Length);
        foreach (var target in tier)
        {
            if (context.Key!.Providers.Allows(target.Deployment.Provider.Id))
            {
                allowed.Add(target);
            }
        }

        switch (route.Strategy)
        {
            case RouteStrategy.RoundRobin when allowed.Count > 1:
                var first = route.NextTurn() % allowed.Count;
                for (var i = 0; i < allowed.Count; i++)
                {
                    ordered.Add(allowed[(first + i) % allowed.Count].Deployment);
                }

                break;
            case RouteStrategy.Weighted when allowed.Count > 1:
                AddByWeight(allowed, ordered);
                break;
            default:
                foreach (var target in allowed)
                {
                    ordered.Add(target.Deployment);
                }

                break;
        }
    }

    private static void AddByWeight(List<TargetRuntime> targets, List<DeploymentRuntime> ordered)
    {
        var total = targets.Sum(static t => t.Weight);
        while (targets.Count > 0)
        {
            // Targets of weight 0 are fallbacks: they come after all others, in the order written.
            var pick = 0;
            if (total > 0)
            {
                var at = Random.Shared.Next(total);
                while (at >= targets[pick].Weight)
                {
                    at -= targets[pick++].Weight;
                }
            }

            total -= targets[pick].Weight;
            ordered.Add(targets[pick].Deployment);
            targets.RemoveAt(pick);
        }
    }

    private static Failure Forbidden(RequestContext context) =>
        new(GatewayError.ProviderForbidden, Step.Route, $"This API key may not reach any provider that serves '{context.ModelName}'.") { Param = "model" };
}
