using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;
using Gateway.Governance.Health;
using Gateway.Governance.Settings;
using Gateway.Routing;

namespace Gateway.Governance.Routes;

/// <summary>Says where a request would go, by the same code that the edges route with.</summary>
internal sealed class RouteSimulator(HealthBoard board, TimeProvider time)
{
    private const int MostRoutes = 20;
    private const int MostRedirects = 4;

    public Simulation Run(EffectiveConfig config, SimulationInput input, VirtualKeyEntry? key)
    {
        var request = new SimulatedRequest(input, key, SettingsEndpoints.Of(config.Stored), input.Time ?? time.GetUtcNow());
        var planned = new List<SimulatedRoute>();
        Simulation Answer(string? refused) => new() { Refused = refused, Routes = planned, Attributes = request.Attributes };
        if (Find(config, input.Model) is not { } start)
        {
            return Answer($"No route serves the model '{input.Model}'.");
        }

        if (key is { AllowedModels.Count: > 0 } && !key.AllowedModels.Any(m => new NamePattern(m).Matches(input.Model, out _)))
        {
            return Answer($"The key may not use the model '{input.Model}'.");
        }

        var (name, why) = NamePattern.Find(key?.Routes ?? [], input.Model) is { } own ? (own.Route, $"the key's own route for '{own.Model}'") : (input.Model, "the model asked for");
        if (Walk(config, request, name, why, planned) is { } refused)
        {
            return Answer(refused);
        }

        foreach (var fallback in (Find(config, name)?.Route ?? start.Route).Fallbacks.Take(MostRoutes))
        {
            if (key is null || key.AllowedModels.Count == 0 || key.AllowedModels.Any(m => new NamePattern(m).Matches(fallback, out _)))
            {
                Walk(config, request, fallback, "a fallback", planned);
            }
        }

        return Answer(planned.TrueForAll(static r => r.Candidates.Count == 0) ? "No target may be called at present." : null);
    }

    private string? Walk(EffectiveConfig config, SimulatedRequest request, string name, string why, List<SimulatedRoute> planned)
    {
        for (var redirects = 0; redirects <= MostRedirects; redirects++)
        {
            if (Find(config, name) is not { } found)
            {
                return $"The route '{name}' ({why}) does not exist.";
            }

            if (!name.Contains('*', StringComparison.Ordinal))
            {
                request.Wildcard = found.Wildcard;
            }

            var targets = found.Route.Targets.Select(t => (Target: t, Deployment: config.Deployment(t.DeploymentId))).Where(t => t.Deployment is not null)
                .Select(t => new SimulationTarget(t.Target, t.Deployment!, board, time)).ToList();
            var plan = RoutePlanner.Plan(new SimulationRoute(found.Route, targets), request);
            planned.Add(Show(found.Route, why, plan, request));
            if (plan.Redirect is not { } redirect)
            {
                return null;
            }

            (name, why) = (redirect, $"rule '{plan.Rule}' of '{found.Route.Name}'");
        }

        return "The rules of the routes send the request in a circle.";
    }

    private static SimulatedRoute Show(RouteEntry route, string why, RoutePlan<SimulationTarget> plan, SimulatedRequest request)
    {
        var weights = plan.Candidates.GroupBy(c => c.Entry.Priority).ToDictionary(g => g.Key, g => g.Sum(c => c.Entry.Weight));
        return new SimulatedRoute
        {
            Route = route.Name,
            Why = why,
            Strategy = route.Strategy.ToString(),
            Rule = plan.Rule,
            Redirect = plan.Redirect,
            Candidates = [.. plan.Candidates.Select(c => new SimulatedTarget
            {
                DeploymentId = c.DeploymentId,
                ProviderId = c.ProviderId,
                Model = request.ModelOf(c),
                Share = route.Strategy == RouteStrategy.Weighted && weights[c.Entry.Priority] > 0 ? Math.Round(100d * c.Entry.Weight / weights[c.Entry.Priority], 2) : null,
                FirstTokenMs = c.FirstTokenMs,
                InFlight = c.InFlight,
            })],
            Skipped = [.. plan.Skipped.Select(s => new SimulatedSkip { DeploymentId = s.DeploymentId, Reason = s.Reason, Until = s.Until })],
            OnCut = route.OnCut.ToString(),
            Shadows = [.. plan.Shadows.Select(s => s.DeploymentId)],
        };
    }

    /// <summary>The route of a public model name, as the edges find it.</summary>
    private static (RouteEntry Route, string Wildcard)? Find(EffectiveConfig config, string model)
    {
        var all = config.Routes.SelectMany(r => r.Aliases.Prepend(r.Name).Select(n => (Pattern: new NamePattern(n), Route: r))).ToList();
        if (all.FirstOrDefault(r => !r.Pattern.IsPattern && r.Pattern.Text == model).Route is { } exact)
        {
            return (exact, "");
        }

        foreach (var (pattern, route) in all.Where(r => r.Pattern.IsPattern).OrderByDescending(r => r.Pattern.Text.Length))
        {
            if (pattern.Matches(model, out var wildcard))
            {
                return (route, model[wildcard]);
            }
        }

        return null;
    }
}
