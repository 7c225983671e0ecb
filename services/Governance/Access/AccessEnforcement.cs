using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Access;

/// <summary>
/// Checks every admin request against its row of the permission table. What the actor may not see is not there for him (404); what he sees but may not
/// change is refused (403). Stands after routing, so that no address can be reached past it.
/// </summary>
internal sealed class AccessEnforcement(RequestDelegate next, ConfigStore store, ICurrentActor actors, IAccessLog log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AccessRule>() is { } rule
            && await RefusalAsync(context, rule, actors.Current).ConfigureAwait(false) is { } refusal)
        {
            log.Note(new AccessEvent(
                actors.Current, rule.Action.ToString(), rule.Kind, Id(context) ?? "", $"{context.Request.Method} {context.Request.Path}", Denied: true, refusal.Code));
            await refusal.WriteAsync(context).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
    }

    private async Task<Problem?> RefusalAsync(HttpContext context, AccessRule rule, Actor actor)
    {
        var reach = PermissionTable.Of(actor.Role, rule.Kind, rule.Action);
        if (reach == Reach.All)
        {
            return null;
        }

        if (reach != Reach.None && context.GetEndpoint()!.Metadata.GetMetadata<FiltersByReach>() is not null)
        {
            return null;
        }

        if (rule.Kind == AccessRules.Whole || Id(context) is not { } id)
        {
            return reach == Reach.None ? AccessProblems.Forbidden(actor, rule.Kind, rule.Action) : null;
        }

        var seen = PermissionTable.Of(actor.Role, rule.Kind, AccessAction.Read);
        if (!Places.IsPlaced(rule.Kind))
        {
            return seen == Reach.None ? Problem.NotFound(rule.Kind, id) : AccessProblems.Forbidden(actor, rule.Kind, rule.Action);
        }

        var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        return Places.Find(rule.Kind, id, state) is not { } entry || !Places.Covers(seen, actor, entry, state) ? Problem.NotFound(rule.Kind, id)
            : Places.Covers(reach, actor, entry, state) ? null
            : AccessProblems.Forbidden(actor, rule.Kind, rule.Action);
    }

    private static string? Id(HttpContext context) => context.Request.RouteValues["id"] is string id ? ResourceEndpoints.Decoded(id) : null;
}
