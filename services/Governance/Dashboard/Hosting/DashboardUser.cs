namespace Gateway.Dashboard.Hosting;

/// <summary>Who looks at a page.</summary>
public sealed class DashboardUser
{
    private readonly Func<string, string, bool?> _can;

    /// <param name="can">Says of a kind of thing and an action whether the permission table allows it to this user for any; null where it has no such row.</param>
    public DashboardUser(Func<string, string, bool?> can) => _can = can;

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the role.</summary>
    public required string Role { get; init; }

    /// <summary>Whether a kind of thing may be listed, read, created, changed, deleted, rotated or run.</summary>
    /// <exception cref="InvalidOperationException">The permission table has no such row.</exception>
    public bool Can(string kind, string action) => _can(kind, action) ?? throw new InvalidOperationException($"The permission table has no row for '{kind}' and '{action}'.");

    /// <summary>The same for what not every build has: false where the table has no such row.</summary>
    public bool May(string kind, string action) => _can(kind, action) == true;
}
