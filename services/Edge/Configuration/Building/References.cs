using Gateway.Contracts.Configuration;
using Gateway.Edge.Configuration.Schema;
using Gateway.Routing;

namespace Gateway.Edge.Configuration.Building;

/// <summary>Checks that what one section names is there in another.</summary>
internal static class References
{
    private const int MostListed = 12;

    /// <summary>Reports a name that is not among the ids.</summary>
    public static bool Check(BuildContext context, TextValue name, string what, string section, IEnumerable<string> ids, string? hint = null)
    {
        var all = ids as IReadOnlyCollection<string> ?? [.. ids];
        if (all.Contains(name.Text))
        {
            return true;
        }

        var guess = Nearest.To(name.Text, all);
        context.Error(name, $"There is no {what} '{name.Text}'.{(guess is null ? "" : $" Did you mean '{guess}'?")}{(hint is null ? "" : " " + hint)} {Legal(all, section)}");
        return false;
    }

    /// <summary>Reports a public model name that no route serves.</summary>
    public static void CheckRoute(BuildContext context, TextValue name, IReadOnlyList<RouteEntry> routes)
    {
        if (!routes.Any(r => r.Aliases.Prepend(r.Name).Any(n => n == name.Text || new NamePattern(n).Matches(name.Text, out _))))
        {
            Check(context, name, "route", "routes", routes.SelectMany(static r => r.Aliases.Prepend(r.Name)));
        }
    }

    private static string Legal(IReadOnlyCollection<string> ids, string section) => ids.Count switch
    {
        0 => $"Legal: an id under '{section}', which has none yet.",
        <= MostListed => $"Legal: {string.Join(", ", ids)}.",
        _ => $"Legal: one of the {ids.Count} ids under '{section}' or known by themselves, such as {string.Join(", ", ids.Take(MostListed / 2))}.",
    };
}
