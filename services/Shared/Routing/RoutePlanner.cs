using Gateway.Contracts.Configuration;

namespace Gateway.Routing;

/// <summary>
/// Decides where a request goes: 1 the rules, 2 what is left out and why, 3 canaries, 4 the order by the strategy, 5 shadows. Pure: the same route, request and
/// state of the targets give the same plan.
/// </summary>
public static class RoutePlanner
{
    /// <summary>Makes the plan.</summary>
    public static RoutePlan<TTarget> Plan<TTarget>(PlanRoute<TTarget> route, IPlanRequest<TTarget> request)
        where TTarget : PlanTarget
    {
        var plan = new RoutePlan<TTarget>();
        var chosen = ApplyRules(route, request, plan);
        if (plan.Redirect is not null)
        {
            return plan;
        }

        var session = route.HasCanaries || route.Entry.Strategy == RouteStrategy.Sticky ? Session(route, request) : "";
        var canary = route.HasCanaries && chosen is null ? Canary(route, session) : null;
        if (canary is not null && IsUsable(canary, request, plan))
        {
            plan.Candidates.Add(canary);
        }

        foreach (var tier in route.Tiers)
        {
            var usable = new List<TTarget>(tier.Length);
            foreach (var target in tier)
            {
                if (!ReferenceEquals(target, canary) && IsChosen(target, chosen, plan) && IsUsable(target, request, plan))
                {
                    usable.Add(target);
                }
            }

            TargetOrder.Append(plan.Candidates, usable, route, request, session);
        }

        plan.Candidates.AddRange(plan.LastResorts);
        foreach (var shadow in route.Shadows)
        {
            if (request.Allows(shadow) && request.HasRoom(shadow) && request.Random() * 100 < shadow.Entry.ShadowPercent && shadow.Unavailable(out _) is null)
            {
                plan.Shadows.Add(shadow);
            }
        }

        return plan;
    }

    private static IReadOnlySet<string>? ApplyRules<TTarget>(PlanRoute<TTarget> route, IPlanRequest<TTarget> request, RoutePlan<TTarget> plan)
        where TTarget : PlanTarget
    {
        foreach (var rule in route.Rules)
        {
            if (!rule.When.Holds(request))
            {
                continue;
            }

            foreach (var (name, value) in rule.Set)
            {
                request.SetAttribute(name, value);
            }

            if (rule.Route is not null || rule.Targets.Count > 0)
            {
                plan.Rule = rule.Name;
                plan.Redirect = rule.Route;
                return rule.Targets.Count > 0 ? rule.Targets : null;
            }
        }

        return null;
    }

    private static bool IsChosen<TTarget>(TTarget target, IReadOnlySet<string>? chosen, RoutePlan<TTarget> plan)
        where TTarget : PlanTarget
    {
        if (chosen is not null ? chosen.Contains(target.DeploymentId) : target.Entry.CanaryPercent is null)
        {
            return true;
        }

        plan.Skipped.Add(chosen is not null
            ? new SkippedTarget(target.DeploymentId, SkipKind.Rule, $"rule '{plan.Rule}' chose others", null)
            : new SkippedTarget(target.DeploymentId, SkipKind.Canary, "not in the canary's share", null));
        return false;
    }

    private static bool IsUsable<TTarget>(TTarget target, IPlanRequest<TTarget> request, RoutePlan<TTarget> plan)
        where TTarget : PlanTarget
    {
        if (!request.Allows(target))
        {
            plan.Skipped.Add(new SkippedTarget(target.DeploymentId, SkipKind.Forbidden, "the key may not reach its provider", null));
            return false;
        }

        if (!request.HasRoom(target))
        {
            plan.Skipped.Add(new SkippedTarget(target.DeploymentId, SkipKind.Budget, "a budget has no room at its provider", null));
            return false;
        }

        if (target.Unavailable(out var until) is { } reason)
        {
            if (target.IsLastResort)
            {
                plan.LastResorts.Add(target);
                return false;
            }

            plan.Skipped.Add(new SkippedTarget(target.DeploymentId, SkipKind.Unavailable, reason, until));
            return false;
        }

        return true;
    }

    private static string Session<TTarget>(PlanRoute<TTarget> route, IPlanRequest<TTarget> request)
        where TTarget : PlanTarget
    {
        foreach (var source in route.Sessions)
        {
            if (source.Read(request) is { Length: > 0 } session)
            {
                return session;
            }
        }

        return "";
    }

    private static TTarget? Canary<TTarget>(PlanRoute<TTarget> route, string session)
        where TTarget : PlanTarget
    {
        var at = StableHash.Unit(StableHash.Of(route.Salt, StableHash.Of(session))) * 100;
        foreach (var tier in route.Tiers)
        {
            foreach (var target in tier)
            {
                at -= target.Entry.CanaryPercent ?? 0;
                if (at < 0)
                {
                    return target;
                }
            }
        }

        return null;
    }
}
