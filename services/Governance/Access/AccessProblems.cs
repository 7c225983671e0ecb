using Gateway.Governance.Api;

namespace Gateway.Governance.Access;

/// <summary>Refusals for want of rights.</summary>
internal static class AccessProblems
{
    /// <summary>The role does not allow it.</summary>
    public static Problem Forbidden(Actor actor, string kind, AccessAction action) => Forbidden(
        $"The role {actor.Role.Name()} does not allow to {(action == AccessAction.History ? "see the history of" : action.ToString().ToLowerInvariant())} this ({kind}). Ask an owner or admin.");

    /// <summary>The role does not allow it.</summary>
    public static Problem Forbidden(string detail) => new() { Status = 403, Title = "You may not do that.", Code = "forbidden", Detail = detail };

    /// <summary>A change by cookie that does not come from a page of this gateway.</summary>
    public static Problem ForeignOrigin() => new()
    {
        Status = 403,
        Title = "The request comes from elsewhere.",
        Code = "foreign_origin",
        Detail = "A change by a session cookie needs the header Origin with the gateway's own address (Gateway:PublicUrl).",
    };

    /// <summary>The entry would lie where its author does not reach.</summary>
    public static Problem OutOfReach(Actor actor, string kind) => new()
    {
        Status = 403,
        Title = "You may not do that.",
        Code = "out_of_reach",
        Detail = actor.TeamIds.Count + actor.CustomerIds.Count == 0
            ? "Your role is named for no team and no customer. Ask an owner or admin."
            : $"The {kind} must lie below {string.Join(", ", actor.TeamIds.Select(t => $"team '{t}'").Concat(actor.CustomerIds.Select(c => $"customer '{c}'")))}: name a team, customer, user or key there.",
    };
}
