using System.Text.Json.Nodes;
using Gateway.Governance.Access;
using Gateway.Governance.History;

namespace Gateway.Governance.Api;

/// <summary>Maps the six operations every kind of entry has.</summary>
internal static class ResourceEndpoints
{
    public const int DefaultLimit = 100;
    public const int MostItems = 1000;
    private const string Json = "application/json";
    private const string MergePatch = "application/merge-patch+json";

    /// <param name="api">The group of the admin API.</param>
    /// <param name="type">The kind.</param>
    /// <param name="tag">Heading in the OpenAPI document.</param>
    /// <param name="hasOwnList">True when the kind maps its list itself.</param>
    public static RouteGroupBuilder MapResource<TStored, TView>(this RouteGroupBuilder api, ResourceType<TStored, TView> type, string tag, bool hasOwnList = false)
        where TStored : class
        where TView : class
    {
        var group = api.MapGroup($"/{type.Segment}").WithTags(tag);
        var name = Capital(type.Kind);
        ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<ResourceRegistry>().Add(type);
        group.MapHistory(type, name);

        if (!hasOwnList)
        {
            MapList(group, type);
        }

        group.MapPost("/", async (HttpContext context, ResourceService service) =>
            {
                var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
                if (refused is not null)
                {
                    return refused.ToResult();
                }

                var (answer, problem) = await service.CreateAsync(type, body, context.RequestAborted).ConfigureAwait(false);
                return problem?.ToResult() ?? Created(context, $"/api/{type.Segment}/", answer!);
            })
            .WithName($"create{name}")
            .WithSummary($"Creates a {type.Kind}.")
            .Accepts(type.RequestType, Json)
            .Produces(201, type.CreatedType, Json).Refuses(400, 409, 413, 415)
            .Access(type.Kind, AccessAction.Create).FiltersByReach();

        group.MapGet("/{**id:minlength(1)}", async (HttpContext context, ResourceService service, string id) =>
                await service.FindAsync(type, Decoded(id), context.RequestAborted).ConfigureAwait(false) is { } answer
                    ? One(context, answer)
                    : Problem.NotFound(type.Kind, Decoded(id)).ToResult())
            .WithName($"get{name}")
            .WithSummary($"Reads a {type.Kind}.")
            .Produces<Resource<TView>>().Refuses(404)
            .Access(type.Kind, AccessAction.Read);

        group.MapPut("/{**id:minlength(1)}", (HttpContext context, ResourceService service, string id) => ChangeAsync(context, service, type, Decoded(id), merge: false))
            .WithName($"replace{name}")
            .WithSummary($"Replaces a {type.Kind}: fields left out take their defaults.")
            .WithDescription("With `If-Match: \"VERSION\"` only if the entry still has that version.")
            .Accepts(type.RequestType, Json)
            .Produces<Resource<TView>>().Refuses(400, 404, 409, 412, 413, 415)
            .Access(type.Kind, AccessAction.Change);

        group.MapPatch("/{**id:minlength(1)}", (HttpContext context, ResourceService service, string id) => ChangeAsync(context, service, type, Decoded(id), merge: true))
            .WithName($"patch{name}")
            .WithSummary($"Changes some fields of a {type.Kind} (JSON merge patch: null sets a field to its default).")
            .WithDescription("With `If-Match: \"VERSION\"` only if the entry still has that version.")
            .Accepts(type.RequestType, Json, MergePatch)
            .Produces<Resource<TView>>().Refuses(400, 404, 409, 412, 413, 415)
            .Access(type.Kind, AccessAction.Change);

        group.MapDelete("/{**id:minlength(1)}", async (HttpContext context, ResourceService service, string id) =>
                (await service.DeleteAsync(type, Decoded(id), EntityTag.From(context.Request), context.RequestAborted).ConfigureAwait(false))?.ToResult() ?? Results.NoContent())
            .WithName($"delete{name}")
            .WithSummary($"Deletes a {type.Kind}; refused while other entries refer to it.")
            .Produces(204).Refuses(404, 409, 412)
            .Access(type.Kind, AccessAction.Delete);
        return group;
    }

    public static IResult One(HttpContext context, Answer answer)
    {
        if (answer.Version is { } version)
        {
            context.Response.Headers.ETag = EntityTag.Of(version);
        }

        return Text(answer.Body, 200);
    }

    public static IResult Text(JsonNode body, int status) => Results.Text(body.ToJsonString(), Json, statusCode: status);

    /// <summary>Says which problems an operation can answer with, besides those every operation can.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder operation, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in (int[])[401, 403, .. statuses, 503])
        {
            operation.Produces<Problem>(status, "application/problem+json");
        }

        return operation;
    }

    /// <summary>Routing leaves an encoded slash as it is, because it cannot know that the rest of the path is one id.</summary>
    public static string Decoded(string id) => id.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    private static void MapList<TStored, TView>(RouteGroupBuilder group, ResourceType<TStored, TView> type)
        where TStored : class
        where TView : class
    {
        group.MapGet("/", async (HttpContext context, ResourceService service, int? limit, string? after) =>
                Paging.Wrong(limit) is { } wrong ? wrong.ToResult() : Page(await service.ListAsync(type, limit ?? DefaultLimit, after, context.RequestAborted).ConfigureAwait(false)))
            .WithName($"list{Capital(type.Plural)}")
            .WithSummary($"Lists {type.Plural} in the order of their {type.IdField}s.")
            .WithDescription($"`limit` is 1 to {MostItems}, default {DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<ResourcePage<TView>>().Refuses(400)
            .Access(type.Kind, AccessAction.List).FiltersByReach();
    }

    private static async Task<IResult> ChangeAsync<TStored, TView>(
        HttpContext context, ResourceService service, ResourceType<TStored, TView> type, string id, bool merge)
        where TStored : class
        where TView : class
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var (answer, problem) = await service.ChangeAsync(type, id, body, merge, EntityTag.From(context.Request), context.RequestAborted).ConfigureAwait(false);
        return problem?.ToResult() ?? One(context, answer!);
    }

    private static IResult Created(HttpContext context, string folder, Answer answer)
    {
        context.Response.Headers.Location = folder + Uri.EscapeDataString(answer.Id).Replace("%2F", "/", StringComparison.Ordinal);
        context.Response.Headers.ETag = EntityTag.Of(answer.Version!.Value);
        context.Response.Headers.CacheControl = "no-store";
        return Text(answer.Body, 201);
    }

    public static IResult Page((IReadOnlyList<Answer> Items, string? Next) page)
    {
        var body = new JsonObject { ["items"] = new JsonArray([.. page.Items.Select(JsonNode (i) => i.Body)]) };
        if (page.Next is not null)
        {
            body["next"] = page.Next;
        }

        return Text(body, 200);
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
