using Gateway.Governance.Access;
using Gateway.Governance.Api;

namespace Gateway.Governance.Keys;

/// <summary>Maps what virtual keys have besides the common operations.</summary>
internal static class KeyEndpoints
{
    private const string Json = "application/json";
    private const string IfMatch = "With `If-Match: \"VERSION\"` only if the entry still has that version.";

    public static void MapKeys(this RouteGroupBuilder keys, KeyResource type)
    {
        keys.MapGet("/", async (HttpContext context, ResourceService service, TimeProvider time, int? limit, string? after, string? q, string? teamId, string? userId, string? customerId, string? tag, bool? enabled, bool? expired, DateTimeOffset? expiringBefore) =>
            {
                if (Paging.Wrong(limit) is { } wrong)
                {
                    return wrong.ToResult();
                }

                var filter = new KeyFilter { Q = q, TeamId = teamId, UserId = userId, CustomerId = customerId, Tag = tag, Enabled = enabled, Expired = expired, ExpiringBefore = expiringBefore };
                return ResourceEndpoints.Page(await service.ListAsync(
                    type, limit ?? ResourceEndpoints.DefaultLimit, after, context.RequestAborted, state => filter.Over(state, time.GetUtcNow())).ConfigureAwait(false));
            })
            .WithName("listKeys")
            .WithSummary("Lists and searches keys in the order of their ids.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before, and stays good whatever is added or deleted meanwhile. "
                + "The others select, all together: `q` is part of the name, id or prefix; `teamId` and `customerId` also find keys that inherit them; `enabled` is the key's own; `expired`; `expiringBefore` finds keys that have not expired and will before a moment.")
            .Produces<ResourcePage<KeyView>>().Refuses(400)
            .Access(type.Kind, AccessAction.List).FiltersByReach();

        keys.MapPost("/{id}/regenerate", (HttpContext context, ResourceService service, string id) =>
                ChangeAsync(context, service, type, id, static (current, read) => KeyResource.Renewed(current, read)))
            .WithName("regenerateKey")
            .WithSummary("Gives a virtual key a new value, shown in this answer only; the old one is refused from now on.")
            .Produces(200, type.CreatedType, Json).Refuses(404, 412)
            .Access(type.Kind, AccessAction.Rotate);

        keys.MapPost("/{id}/rotate", (HttpContext context, ResourceService service, TimeProvider time, string id) => RotateAsync(context, service, time, type, id))
            .WithName("rotateKey")
            .WithSummary("Gives a virtual key a new value, shown in this answer only; the old one is accepted for `overlapSeconds` more.")
            .WithDescription($"A value from before an earlier rotation is refused from now on. {IfMatch}")
            .Accepts<KeyRotation>(Json)
            .Produces(200, type.CreatedType, Json).Refuses(400, 404, 412, 413, 415)
            .Access(type.Kind, AccessAction.Rotate);

        keys.MapPost("/{id}/block", (HttpContext context, ResourceService service, string id) =>
                ChangeAsync(context, service, type, id, static (current, _) => current with { Entry = current.Entry with { Enabled = false } }))
            .WithName("blockKey")
            .WithSummary("Blocks a virtual key: it is refused on every edge within a second.")
            .WithDescription($"What happens to its requests under way, `onRevoke` says. {IfMatch}")
            .Produces<Resource<KeyView>>().Refuses(404, 412)
            .Access(type.Kind, AccessAction.Change);

        keys.MapPost("/{id}/unblock", (HttpContext context, ResourceService service, string id) =>
                ChangeAsync(context, service, type, id, static (current, _) => current with { Entry = current.Entry with { Enabled = true } }))
            .WithName("unblockKey")
            .WithSummary("Lets a blocked virtual key in again.")
            .WithDescription(IfMatch)
            .Produces<Resource<KeyView>>().Refuses(404, 412)
            .Access(type.Kind, AccessAction.Change);

        keys.MapPost("/bulk", async Task<IResult> (HttpContext context, KeyBulk bulk) =>
            {
                var (body, refused) = await RequestBody.ReadAsync(context, KeyBulk.MostBytes).ConfigureAwait(false);
                if (refused is not null)
                {
                    return refused.ToResult();
                }

                var (answer, problem) = await bulk.RunAsync(body, context.RequestAborted).ConfigureAwait(false);
                context.Response.Headers.CacheControl = "no-store";
                return problem?.ToResult() ?? Results.Json(answer!, BulkJson.Default.KeyBulkAnswer);
            })
            .WithName("changeKeys")
            .WithSummary("Creates, updates, blocks, unblocks, deletes or rotates up to 1,000 virtual keys: all or none.")
            .WithDescription("`create` takes `keys`; the others take `ids` or a `filter`. With `dryRun` nothing is changed, and the answer says what would be. When one of the keys cannot be changed, none is, and the problem names each that could not.")
            .Accepts<KeyBulkRequest>(Json)
            .Produces<KeyBulkAnswer>().Refuses(400, 404, 409, 413, 415)
            .Access(type.Kind, AccessAction.Run).FiltersByReach();
    }

    private static async Task<IResult> RotateAsync(HttpContext context, ResourceService service, TimeProvider time, KeyResource type, string id)
    {
        var overlap = TimeSpan.Zero;
        if (context.Request.ContentLength != 0)
        {
            var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
            if (refused is not null)
            {
                return refused.ToResult();
            }

            var errors = new FieldErrors();
            var reader = new ObjectReader(body, "", errors);
            overlap = KeyRotation.Overlap(reader);
            reader.Close();
            if (errors.Any)
            {
                return Problem.Invalid(errors.All).ToResult();
            }
        }

        return await ChangeAsync(context, service, type, id, (current, read) => KeyResource.Rotated(current, overlap, time.GetUtcNow(), read)).ConfigureAwait(false);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, ResourceService service, KeyResource type, string id, Func<StoredKey, ReadContext<StoredKey>, StoredKey> change)
    {
        var (answer, problem) = await service.ChangeAsync(type, id, EntityTag.From(context.Request), (current, _, _, read) => change(current, read), context.RequestAborted).ConfigureAwait(false);
        context.Response.Headers.CacheControl = "no-store";
        return problem?.ToResult() ?? ResourceEndpoints.One(context, answer!);
    }
}
