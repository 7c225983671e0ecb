using Gateway.Governance.Api;

namespace Gateway.Governance.Access;

/// <summary><c>GET /api/me</c>.</summary>
internal static class SelfEndpoint
{
    public static void MapSelf(this RouteGroupBuilder api)
        => api.MapGet("/me", (ICurrentActor actors) => Results.Json(View(actors.Current), AccessJson.Default.SelfView))
            .WithTags("Access").WithName("getSelf").WithSummary("Says who calls, and what he may do.")
            .Produces<SelfView>().Refuses().Access("self", AccessAction.Read);

    private static SelfView View(Actor actor) => new()
    {
        Id = actor.Id,
        Name = actor.Name,
        Role = actor.Role.Name(),
        TeamIds = actor.TeamIds,
        CustomerIds = actor.CustomerIds,
        KeyId = actor.KeyId,
        Permissions = PermissionTable.All.Where(p => p.Of(actor.Role) != Reach.None).GroupBy(p => p.Kind, StringComparer.Ordinal).ToDictionary(
            kind => kind.Key,
            IReadOnlyDictionary<string, string> (kind) => kind.ToDictionary(
                p => p.Action.ToString().ToLowerInvariant(), p => p.Of(actor.Role).ToString().ToLowerInvariant(), StringComparer.Ordinal),
            StringComparer.Ordinal),
    };
}
