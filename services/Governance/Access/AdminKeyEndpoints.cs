using System.Text.Json;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Keys;

namespace Gateway.Governance.Access;

/// <summary><c>/api/admin-keys</c>.</summary>
internal static class AdminKeyEndpoints
{
    private const string Kind = "adminKey";
    private const string Noun = "admin key";
    private const int MostReach = 100;

    public static void MapAdminKeys(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/admin-keys").WithTags("Admin keys");
        group.MapGet("/", ListAsync).WithName("listAdminKeys").WithSummary("Lists the keys of the admin API in the order of their ids.")
            .Produces<AdminKeyPage>().Refuses(400).Access(Kind, AccessAction.List);
        group.MapPost("/", CreateAsync).WithName("createAdminKey").WithSummary("Makes an admin key, which is shown in this answer only.")
            .Accepts<AdminKeyInput>("application/json").Produces<AdminKeyCreated>(201).Refuses(400, 409, 413, 415).Access(Kind, AccessAction.Create);
        group.MapGet("/{id}", async (HttpContext context, AdminKeyStore keys, string id) =>
                await keys.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is { } key ? One(context, key, null, 200) : Problem.NotFound(Noun, id).ToResult())
            .WithName("getAdminKey").WithSummary("Reads an admin key, without its value.").Produces<AdminKeyView>().Refuses(404).Access(Kind, AccessAction.Read);
        group.MapPut("/{id}", (HttpContext context, AdminKeyStore keys, ConfigStore store, ICurrentActor actors, string id) => ChangeAsync(context, keys, store, actors, id, merge: false))
            .WithName("replaceAdminKey").WithSummary("Replaces an admin key's fields: those left out take their defaults.")
            .Accepts<AdminKeyInput>("application/json").Produces<AdminKeyView>().Refuses(400, 404, 409, 412, 413, 415).Access(Kind, AccessAction.Change);
        group.MapPatch("/{id}", (HttpContext context, AdminKeyStore keys, ConfigStore store, ICurrentActor actors, string id) => ChangeAsync(context, keys, store, actors, id, merge: true))
            .WithName("patchAdminKey").WithSummary("Changes some fields of an admin key (JSON merge patch).")
            .Accepts<AdminKeyInput>("application/json", "application/merge-patch+json").Produces<AdminKeyView>().Refuses(400, 404, 409, 412, 413, 415).Access(Kind, AccessAction.Change);
        group.MapDelete("/{id}", DeleteAsync).WithName("deleteAdminKey").WithSummary("Deletes an admin key. The last owner stays.")
            .Produces(204).Refuses(404, 409, 412).Access(Kind, AccessAction.Delete);
        group.MapPost("/{id}/rotate", RotateAsync).WithName("rotateAdminKey").WithSummary("Gives an admin key a new value, shown in this answer only; the old one is refused from now on.")
            .Produces<AdminKeyCreated>().Refuses(404, 412).Access(Kind, AccessAction.Rotate);
    }

    private static async Task<IResult> ListAsync(HttpContext context, AdminKeyStore keys, int? limit, string? after)
    {
        if (Paging.Wrong(limit) is { } wrong)
        {
            return wrong.ToResult();
        }

        var most = limit ?? ResourceEndpoints.DefaultLimit;
        var found = await keys.PageAsync(after, most + 1, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(
            new AdminKeyPage { Items = [.. found.Take(most).Select(k => View(k, null))], Next = found.Count > most ? found[most - 1].Id : null }, AccessJson.Default.AdminKeyPage);
    }

    private static async Task<IResult> CreateAsync(HttpContext context, AdminKeyStore keys, ConfigStore store, ICurrentActor actors)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var value = KeyMaterial.NewAdmin();
        var (key, problem) = Read(body, null, state);
        if (problem is null)
        {
            var made = Under(key! with { CreatedBy = actors.Current.Id }, value);
            (key, problem) = await keys.WriteAsync(
                made.Id,
                before => before is not null ? (null, Problem.Exists(Noun, made.Id)) : Allowed(actors.Current, null, made) is { } no ? (null, no) : (made, null),
                context.RequestAborted).ConfigureAwait(false);
        }

        context.Response.Headers.Location = problem is null ? $"/api/admin-keys/{key!.Id}" : default;
        return problem?.ToResult() ?? One(context, key!, value, 201);
    }

    private static async Task<IResult> ChangeAsync(HttpContext context, AdminKeyStore keys, ConfigStore store, ICurrentActor actors, string id, bool merge)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var condition = EntityTag.From(context.Request);
        var (key, problem) = await keys.WriteAsync(
            id,
            before =>
            {
                if (Missing(id, before, condition) is { } missing)
                {
                    return (null, missing);
                }

                var input = merge ? JsonMergePatch.Apply(JsonSerializer.SerializeToElement(Input(before!), AccessJson.Default.AdminKeyInput), body) : body;
                var (after, wrong) = Read(input, before, state);
                return wrong is not null ? (null, wrong) : Allowed(actors.Current, before, after) is { } no ? (null, no) : (after, null);
            },
            context.RequestAborted).ConfigureAwait(false);
        return problem?.ToResult() ?? One(context, key!, null, 200);
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, AdminKeyStore keys, ICurrentActor actors, string id)
    {
        var condition = EntityTag.From(context.Request);
        var (_, problem) = await keys.WriteAsync(
            id, before => (null, Missing(id, before, condition) ?? Allowed(actors.Current, before, null)), context.RequestAborted).ConfigureAwait(false);
        return problem?.ToResult() ?? Results.NoContent();
    }

    private static async Task<IResult> RotateAsync(HttpContext context, AdminKeyStore keys, ICurrentActor actors, string id)
    {
        var condition = EntityTag.From(context.Request);
        var value = KeyMaterial.NewAdmin();
        var (key, problem) = await keys.WriteAsync(
            id,
            before => (Missing(id, before, condition) ?? Allowed(actors.Current, before, before)) is { } no ? (null, no) : (Under(before!, value), null),
            context.RequestAborted).ConfigureAwait(false);
        return problem?.ToResult() ?? One(context, key!, value, 200);
    }

    /// <summary>Nobody gives what he does not have, or takes from who has more: owners are the owners' business.</summary>
    private static Problem? Allowed(Actor actor, AdminKey? before, AdminKey? after)
        => actor.Role is Role.Owner or Role.System || (before?.Role != Role.Owner && after?.Role != Role.Owner)
            ? null
            : AccessProblems.Forbidden("Only an owner makes, changes or deletes owner keys.");

    private static Problem? Missing(string id, AdminKey? key, EntityTag.Condition condition)
        => key is null ? Problem.NotFound(Noun, id) : condition.Allows(key.Version) ? null : Problem.Changed(key.Version);

    private static AdminKey Under(AdminKey key, string value)
        => key with { Sha256 = KeyMaterial.Hash(value), Prefix = value[..(KeyMaterial.AdminPrefix.Length + 6)] };

    private static (AdminKey? Key, Problem? Refused) Read(JsonElement body, AdminKey? existing, ConfigState state)
    {
        var errors = new FieldErrors();
        var reader = new ObjectReader(body, "", errors);
        reader.Ignore("prefix", "createdBy", "createdAt", "updatedAt", "version");
        var id = reader.Text("id", required: false, Formats.IdLength, Formats.Id);
        if (existing is not null && id is not null && id != existing.Id)
        {
            reader.Error("id", $"is '{id}', but the address says '{existing.Id}'. An id cannot be changed.");
        }

        var key = (existing ?? new AdminKey { Id = id ?? KeyMaterial.NewId("admin"), Name = "", Role = Role.None, Sha256 = "" }) with
        {
            Name = reader.Text("name", required: true, Formats.NameLength) ?? "",
            Role = reader.Text("role", required: true, 20, r => Roles.TryParse(r, out _) ? null : $"must be one of {string.Join(", ", Roles.Names)}.") is { } name
                && Roles.TryParse(name, out var role) ? role : Role.None,
            TeamIds = [.. reader.Texts("teamIds", MostReach, Formats.IdLength, t => state.Teams.ContainsKey(t) ? null : $"names no team: there is no '{t}'.").Distinct()],
            CustomerIds = [.. reader.Texts("customerIds", MostReach, Formats.IdLength, c => state.Customers.ContainsKey(c) ? null : $"names no customer: there is no '{c}'.").Distinct()],
            Enabled = reader.Boolean("enabled", true),
            ExpiresAt = reader.Instant("expiresAt"),
        };
        reader.Close();
        if (!errors.Any && key.Role.IsScoped() != key.TeamIds.Count + key.CustomerIds.Count > 0)
        {
            reader.Error("teamIds", key.Role.IsScoped() ? "or customerIds must name at least one: the role holds for them only." : "and customerIds go with the roles teamAdmin and teamViewer only.");
        }

        return errors.Any ? (null, Problem.Invalid(errors.All)) : (key, null);
    }

    private static AdminKeyInput Input(AdminKey key) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Role = key.Role.Name(),
        TeamIds = key.TeamIds,
        CustomerIds = key.CustomerIds,
        Enabled = key.Enabled,
        ExpiresAt = key.ExpiresAt,
    };

    private static AdminKeyCreated View(AdminKey key, string? value) => new()
    {
        Id = key.Id,
        Name = key.Name,
        Role = key.Role.Name(),
        TeamIds = key.TeamIds,
        CustomerIds = key.CustomerIds,
        Enabled = key.Enabled,
        ExpiresAt = key.ExpiresAt,
        Prefix = key.Prefix,
        CreatedBy = key.CreatedBy,
        CreatedAt = key.CreatedAt,
        UpdatedAt = key.UpdatedAt,
        Version = key.Version,
        Key = value,
    };

    private static IResult One(HttpContext context, AdminKey key, string? value, int status)
    {
        context.Response.Headers.ETag = EntityTag.Of(key.Version);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(View(key, value), AccessJson.Default.AdminKeyCreated, statusCode: status);
    }
}
