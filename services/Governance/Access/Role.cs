namespace Gateway.Governance.Access;

/// <summary>What an actor is to the admin API. What each may do is written in <c>PermissionTable</c>. Persisted by name.</summary>
internal enum Role
{
    /// <summary>Nobody that is known.</summary>
    None = 0,

    /// <summary>May do everything.</summary>
    Owner = 1,

    /// <summary>May do everything but what concerns owners.</summary>
    Admin = 2,

    /// <summary>Runs the teams, users and keys below the teams and customers he is named for.</summary>
    TeamAdmin = 3,

    /// <summary>Sees everything, the audit log included, and changes nothing.</summary>
    Auditor = 4,

    /// <summary>Sees configuration and usage and changes nothing.</summary>
    Viewer = 5,

    /// <summary>Sees the teams and customers he is named for, and changes nothing.</summary>
    TeamViewer = 6,

    /// <summary>Has a virtual key; sees that key and its usage.</summary>
    KeyHolder = 7,

    /// <summary>The gateway itself.</summary>
    System = 8,
}

/// <summary>The names of roles on the wire and in the store.</summary>
internal static class Roles
{
    private static readonly Dictionary<string, Role> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["owner"] = Role.Owner,
        ["admin"] = Role.Admin,
        ["teamAdmin"] = Role.TeamAdmin,
        ["auditor"] = Role.Auditor,
        ["viewer"] = Role.Viewer,
        ["teamViewer"] = Role.TeamViewer,
    };

    /// <summary>The names of the roles that can be given.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The role of a name that can be given.</summary>
    public static bool TryParse(string name, out Role role) => ByName.TryGetValue(name, out role);

    /// <summary>The name of a role.</summary>
    public static string Name(this Role role) => char.ToLowerInvariant(role.ToString()[0]) + role.ToString()[1..];

    /// <summary>True for roles that hold for named teams and customers only.</summary>
    public static bool IsScoped(this Role role) => role is Role.TeamAdmin or Role.TeamViewer;
}
