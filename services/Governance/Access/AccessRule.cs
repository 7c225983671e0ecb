namespace Gateway.Governance.Access;

/// <summary>The row of the permission table that an address of the admin API is checked against.</summary>
/// <param name="Kind">Kind of thing.</param>
/// <param name="Action">What is done with it.</param>
internal sealed record AccessRule(string Kind, AccessAction Action);

/// <summary>Says that an operation without an id in its address leaves out by itself what its caller does not reach.</summary>
internal sealed record FiltersByReach;

/// <summary>Says that an operation is for everybody, also for callers who are not recognised.</summary>
internal sealed record OpenToAll;

/// <summary>How an address of the admin API names its row.</summary>
internal static class AccessRules
{
    /// <summary>
    /// The kind of the configuration as a whole and of its past: who may see or change that may see or change all of it, so that an id in the address does not matter.
    /// </summary>
    public const string Whole = "configuration";

    /// <summary>Checks the operation against a row of <see cref="PermissionTable"/>. One with <c>{id}</c> in its address is checked for the entry of that id.</summary>
    public static TBuilder Access<TBuilder>(this TBuilder operation, string kind, AccessAction action)
        where TBuilder : IEndpointConventionBuilder
        => operation.WithMetadata(new AccessRule(kind, action));

    /// <summary>Says that the operation itself leaves out what its caller does not reach.</summary>
    public static TBuilder FiltersByReach<TBuilder>(this TBuilder operation)
        where TBuilder : IEndpointConventionBuilder
        => operation.WithMetadata(new FiltersByReach());

    /// <summary>Lets everybody call the operation.</summary>
    public static TBuilder OpenToAll<TBuilder>(this TBuilder operation)
        where TBuilder : IEndpointConventionBuilder
        => operation.WithMetadata(new OpenToAll());

    /// <summary>Looks for addresses that no row protects, or that a row cannot protect.</summary>
    /// <exception cref="InvalidOperationException">There are some.</exception>
    public static void Check(IEnumerable<Endpoint> endpoints, string prefix)
    {
        var wrong = endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText is { } path && path.StartsWith(prefix + "/", StringComparison.OrdinalIgnoreCase))
            .Select(e => Problem(e) is { } problem ? $"{e.DisplayName}: {problem}" : null)
            .OfType<string>().Distinct().ToList();
        if (wrong.Count > 0)
        {
            throw new InvalidOperationException($"The permission table does not cover the admin API:\n{string.Join('\n', wrong)}");
        }
    }

    private static string? Problem(RouteEndpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<OpenToAll>() is not null)
        {
            return null;
        }

        if (endpoint.Metadata.GetMetadata<AccessRule>() is not { } rule)
        {
            return "call .Access(kind, action) where it is mapped.";
        }

        if (PermissionTable.Find(rule.Kind, rule.Action) is not { } row)
        {
            return $"PermissionTable has no row for '{rule.Kind}' and {rule.Action}.";
        }

        var isById = endpoint.RoutePattern.Parameters.Any(p => p.Name == "id") && Places.IsPlaced(rule.Kind);
        return row.IsPartial && !isById && endpoint.Metadata.GetMetadata<FiltersByReach>() is null
            ? "its row lets some roles reach a part only; leave out the rest and call .FiltersByReach()."
            : null;
    }
}
