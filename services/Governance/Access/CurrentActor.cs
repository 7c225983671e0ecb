using Gateway.Governance.Api;

namespace Gateway.Governance.Access;

/// <summary>Takes the actor from the request, where <see cref="AdminAccess"/> has put him.</summary>
internal sealed class CurrentActor(IHttpContextAccessor accessor) : ICurrentActor
{
    public Actor Current => accessor.HttpContext switch
    {
        null => Actor.System,
        var context when context.Features.Get<ActorFeature>() is { } known => known.Actor,
        var context when context.Request.Path.StartsWithSegments(AdminAccess.Prefix, StringComparison.OrdinalIgnoreCase) => Actor.Anonymous,
        _ => Actor.System,
    };

    /// <summary>Says who makes a request.</summary>
    public static void Set(HttpContext context, Actor actor) => context.Features.Set(new ActorFeature(actor));

    /// <summary>True when it has been said.</summary>
    public static bool IsKnown(HttpContext context) => context.Features.Get<ActorFeature>() is not null;

    private sealed record ActorFeature(Actor Actor);
}
