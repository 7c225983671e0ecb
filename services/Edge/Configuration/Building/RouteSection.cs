using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Configuration.Building;

/// <summary>A route of the file and where it names its deployments.</summary>
internal sealed record FileRoute(RouteEntry Entry, IReadOnlyList<TextValue> Targets);

/// <summary>Reads <c>routes</c>.</summary>
internal static class RouteSection
{
    public static List<FileRoute> Read(SectionReader root, BuildContext context)
    {
        var routes = new List<FileRoute>();
        foreach (var (name, section) in root.Map("routes"))
        {
            Names.CheckRoute(context, name);
            var targets = new List<RouteTarget>();
            var places = new List<TextValue>();
            var items = 0;
            foreach (var item in section.Items("targets"))
            {
                items++;
                var (weight, priority) = (item.Int("weight"), item.Int("priority"));
                if (item.Text("deployment") is { } deployment)
                {
                    targets.Add(new RouteTarget { DeploymentId = deployment.Text, Weight = weight, Priority = priority });
                    places.Add(deployment);
                }
            }

            if (items == 0 && section.Has("targets"))
            {
                context.Error(section.Join("targets"), section.PlaceOf("targets"), "A route needs at least one target. Legal: a list of deployment ids.");
            }

            var strategy = (RouteStrategy)(section.Choice("strategy") + 1);
            if (strategy == RouteStrategy.Weighted && targets.Count > 0 && targets.TrueForAll(static t => t.Weight == 0))
            {
                context.Error(section.Join("targets"), section.PlaceOf("targets"), "Every target has weight 0: at least one must be above.");
            }

            routes.Add(new FileRoute(
                new RouteEntry { Name = name.Text, Strategy = strategy, MaxAttempts = section.Int("maxAttempts"), Targets = targets },
                places));
        }

        return routes;
    }
}
