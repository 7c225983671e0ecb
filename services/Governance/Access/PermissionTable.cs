using static Gateway.Governance.Access.AccessAction;
using static Gateway.Governance.Access.Reach;

namespace Gateway.Governance.Access;

/// <summary>What each role may do with one kind of thing.</summary>
internal sealed record Permission(string Kind, AccessAction Action, Reach Owner, Reach Admin, Reach TeamAdmin, Reach Auditor, Reach Viewer, Reach TeamViewer, Reach KeyHolder)
{
    /// <summary>How far a role reaches.</summary>
    public Reach Of(Role role) => role switch
    {
        Role.System => All,
        Role.Owner => Owner,
        Role.Admin => Admin,
        Role.TeamAdmin => TeamAdmin,
        Role.Auditor => Auditor,
        Role.Viewer => Viewer,
        Role.TeamViewer => TeamViewer,
        Role.KeyHolder => KeyHolder,
        _ => None,
    };

    /// <summary>True when some role may act on some things of the kind and not on others.</summary>
    public bool IsPartial => PermissionTable.RolesInOrder.Any(r => Of(r) is Own or Below or Within);
}

/// <summary>
/// The permission table: every address of the admin API names a row of it, and what is not written here nobody may do. <c>docs/access.md</c> is generated from it.
/// </summary>
internal static class PermissionTable
{
    /// <summary>The roles, as the columns are ordered.</summary>
    public static IReadOnlyList<Role> RolesInOrder { get; } =
        [Role.Owner, Role.Admin, Role.TeamAdmin, Role.Auditor, Role.Viewer, Role.TeamViewer, Role.KeyHolder];

    /// <summary>Every row.</summary>
    public static IReadOnlyList<Permission> All { get; } =
    [
        // What is shared by everybody.
        .. Shared("provider", seenByTeams: true),
        .. Shared("route", seenByTeams: true),
        new("route", Run, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        .. Shared("deployment", seenByTeams: false),
        .. Shared("credential", seenByTeams: false),
        .. Shared("issuer", seenByTeams: false),
        .. Shared("priceOverride", seenByTeams: false),
        .. Shared("guardrail", seenByTeams: false),
        new("guardrail", Run, Reach.All, Reach.All, None, None, None, None, None),
        new("approval", List, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("approval", Change, Reach.All, Reach.All, None, None, None, None, None),
        .. Shared("mcpServer", seenByTeams: false),
        .. Shared("mcpBundle", seenByTeams: true),
        .. Shared("mcpPolicy", seenByTeams: false),
        new("mcpTool", List, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("mcpTool", Read, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("mcpTool", Change, Reach.All, Reach.All, None, None, None, None, None),
        new("mcpTool", Run, Reach.All, Reach.All, None, None, None, None, None),
        new("mcpApproval", List, Reach.All, Reach.All, Within, Reach.All, Reach.All, None, Own),
        new("mcpApproval", Change, Reach.All, Reach.All, Below, None, None, None, Own),
        new("price", List, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("price", Read, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("price", Run, Reach.All, Reach.All, None, None, None, None, None),
        .. Shared("channel", seenByTeams: false),
        new("credential", Run, Reach.All, Reach.All, None, None, None, None, None),
        .. Shared("limit", seenByTeams: false),
        .. Shared("billSource", seenByTeams: false),
        new("billSource", Run, Reach.All, Reach.All, None, None, None, None, None),
        new("channel", Run, Reach.All, Reach.All, None, None, None, None, None),
        new("settings", Read, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("settings", Change, Reach.All, Reach.All, None, None, None, None, None),
        new("cache", Read, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("cache", Run, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("cacheEntry", List, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new("cacheEntry", Read, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new("cache", Delete, Reach.All, Reach.All, None, None, None, None, None),
        new("status", Read, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new(AccessRules.Whole, Read, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new(AccessRules.Whole, Change, Reach.All, Reach.All, None, None, None, None, None),

        // Accounts.
        .. Account("customer", create: None),
        .. Account("team", create: Below),
        .. Account("user", create: Below),
        .. Account("budget", create: Below),
        new("budget", Run, Reach.All, Reach.All, None, None, None, None, None),
        new("alert", List, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("key", List, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, Own),
        new("key", Read, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, Own),
        new("key", Create, Reach.All, Reach.All, Below, None, None, None, None),
        new("key", Change, Reach.All, Reach.All, Below, None, None, None, None),
        new("key", Delete, Reach.All, Reach.All, Below, None, None, None, None),
        new("key", Rotate, Reach.All, Reach.All, Below, None, None, None, None),
        new("key", AccessAction.History, Reach.All, Reach.All, Within, Reach.All, None, None, None),
        new("key", Run, Reach.All, Reach.All, Below, None, None, None, None),

        // What was done.
        new("usage", List, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, Own),
        new("log", List, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, Own),
        new("log", Read, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, Own),
        new("mcpCall", List, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, Own),
        new("mcpCall", Read, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, Own),
        new("log", Delete, Reach.All, Reach.All, None, None, None, None, None),
        new("logBody", Read, Reach.All, Reach.All, Within, Reach.All, None, None, Own),
        new("reconciliation", List, Reach.All, Reach.All, None, Reach.All, Reach.All, None, None),
        new("reconciliation", Create, Reach.All, Reach.All, None, None, None, None, None),
        new("reconciliation", Change, Reach.All, Reach.All, None, None, None, None, None),
        new("audit", List, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new("audit", Run, Reach.All, Reach.All, None, Reach.All, None, None, None),

        // Who may do it.
        new("adminKey", List, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new("adminKey", Read, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new("adminKey", Create, Reach.All, Reach.All, None, None, None, None, None),
        new("adminKey", Change, Reach.All, Reach.All, None, None, None, None, None),
        new("adminKey", Delete, Reach.All, Reach.All, None, None, None, None, None),
        new("adminKey", Rotate, Reach.All, Reach.All, None, None, None, None, None),
        new("keyring", Read, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new("keyring", Rotate, Reach.All, None, None, None, None, None, None),
        new("keyring", Delete, Reach.All, None, None, None, None, None, None),
        new("session", List, Reach.All, Reach.All, None, Reach.All, None, None, None),
        new("session", Delete, Reach.All, Reach.All, None, None, None, None, None),
        new("self", Read, Reach.All, Reach.All, Reach.All, Reach.All, Reach.All, Reach.All, Reach.All),
        new("self", Delete, Reach.All, Reach.All, Reach.All, Reach.All, Reach.All, Reach.All, Reach.All),
    ];

    private static readonly Dictionary<(string Kind, AccessAction Action), Permission> Rows = All.ToDictionary(p => (p.Kind, p.Action));

    /// <summary>The row of a kind and an action, or null: then nobody may.</summary>
    public static Permission? Find(string kind, AccessAction action) => Rows.GetValueOrDefault((kind, action));

    /// <summary>How far a role reaches.</summary>
    public static Reach Of(Role role, string kind, AccessAction action) => role == Role.System ? Reach.All : Find(kind, action)?.Of(role) ?? None;

    // Configuration that holds for everybody: owners and admins change it.
    private static IEnumerable<Permission> Shared(string kind, bool seenByTeams)
    {
        var seen = seenByTeams ? Reach.All : None;
        yield return new(kind, List, Reach.All, Reach.All, seen, Reach.All, Reach.All, seen, None);
        yield return new(kind, Read, Reach.All, Reach.All, seen, Reach.All, Reach.All, seen, None);
        yield return new(kind, Create, Reach.All, Reach.All, None, None, None, None, None);
        yield return new(kind, Change, Reach.All, Reach.All, None, None, None, None, None);
        yield return new(kind, Delete, Reach.All, Reach.All, None, None, None, None, None);
    }

    // Accounts and what stands over them. Nobody changes what he is himself named for: that would be to raise his own limits.
    private static IEnumerable<Permission> Account(string kind, Reach create)
    {
        yield return new(kind, List, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, None);
        yield return new(kind, Read, Reach.All, Reach.All, Within, Reach.All, Reach.All, Within, None);
        yield return new(kind, Create, Reach.All, Reach.All, create, None, None, None, None);
        yield return new(kind, Change, Reach.All, Reach.All, create, None, None, None, None);
        yield return new(kind, Delete, Reach.All, Reach.All, create, None, None, None, None);
        yield return new(kind, AccessAction.History, Reach.All, Reach.All, Within, Reach.All, None, None, None);
    }
}
