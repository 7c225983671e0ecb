using Gateway.Governance.Access;
using Gateway.Governance.Api;

namespace Gateway.Governance.Keys;

internal static class KeyEndpoints
{
    /// <summary>Maps what virtual keys have besides the common operations.</summary>
    public static void MapRegenerate(this RouteGroupBuilder keys, KeyResource type)
        => keys.MapPost("/{id}/regenerate", async (HttpContext context, ResourceService service, string id) =>
            {
                var (answer, problem) = await service.ChangeAsync(
                    type, id, EntityTag.From(context.Request), (current, _, _, read) => KeyResource.Renewed(current, read), context.RequestAborted).ConfigureAwait(false);
                context.Response.Headers.CacheControl = "no-store";
                return problem?.ToResult() ?? ResourceEndpoints.One(context, answer!);
            })
            .WithName("regenerateKey")
            .WithSummary("Gives a virtual key a new value, shown in this answer only; the old one is refused from now on.")
            .Produces(200, type.CreatedType, "application/json").Refuses(404, 412)
            .Access(type.Kind, AccessAction.Rotate);
}
