using System.Globalization;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;

namespace Gateway.Governance.History;

/// <summary>Earlier versions of the configuration: reading, comparing, going back.</summary>
internal static class HistoryEndpoints
{
    private const string Tag = "History";
    private const int MostLookedAt = 10_000;

    /// <summary>Maps the history of one kind of entry.</summary>
    public static void MapHistory(this RouteGroupBuilder group, IResourceKind kind, string name)
    {
        // What lies in accounts is in reach with them; the past of all else is for who may see all of it.
        var isPlaced = Places.IsPlaced(kind.Kind);
        group.MapGet("/{id}/history", (HttpContext context, HistoryQueries queries, AccessGuard guard, ConfigStore store, string id, int? limit, string? after)
                => EntryAsync(context, queries, guard, store, kind, ResourceEndpoints.Decoded(id), limit, after))
            .WithName($"list{name}History")
            .WithSummary($"Versions of a {kind.Kind}, newest first, with who, why and what changed.")
            .WithDescription($"A slash in the id is written %2F. `limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<EntryHistory>().Refuses(400, 404).Access(isPlaced ? kind.Kind : AccessRules.Whole, isPlaced ? AccessAction.History : AccessAction.Read);
        group.MapPost("/{id}/rollback", async (HttpContext context, ConfigRollback rollback, string id) =>
            {
                var (body, refused) = await RequestAsync(context).ConfigureAwait(false);
                return refused is not null ? refused.ToResult() : Answer(
                    await rollback.EntryAsync(kind, ResourceEndpoints.Decoded(id), body!.Version, body.DryRun, EntityTag.From(context.Request), context.RequestAborted).ConfigureAwait(false));
            })
            .WithName($"rollback{name}")
            .WithSummary($"Brings a {kind.Kind} back to what it was at a version.")
            .WithDescription("A slash in the id is written %2F. Secrets that were withdrawn since stay withdrawn. With `If-Match: \"VERSION\"` only if the entry still has that version.")
            .Accepts<RollbackRequest>("application/json")
            .Produces<RollbackReport>().Refuses(400, 404, 409, 412, 413, 415).NotAudited().Access(isPlaced ? kind.Kind : AccessRules.Whole, AccessAction.Change);
    }

    /// <summary>Maps the history of the whole.</summary>
    public static void MapConfigHistory(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/config").WithTags(Tag);
        group.MapGet("/versions", VersionsAsync)
            .WithName("listConfigVersions")
            .WithSummary("Versions of the configuration, newest first, with the entries each wrote.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<ConfigVersions>().Refuses(400).Access(AccessRules.Whole, AccessAction.Read);
        group.MapGet("/diff", DiffAsync)
            .WithName("diffConfig")
            .WithSummary("What differs between two versions, field by field, without secrets.")
            .WithDescription("`from` is a version; `to` too, by default the newest.")
            .Produces<ConfigDiff>().Refuses(400).Access(AccessRules.Whole, AccessAction.Read);
        group.MapPost("/rollback", async (HttpContext context, ConfigRollback rollback) =>
            {
                var (body, refused) = await RequestAsync(context).ConfigureAwait(false);
                return refused is not null ? refused.ToResult() : Answer(await rollback.AllAsync(body!.Version, body.DryRun, context.RequestAborted).ConfigureAwait(false));
            })
            .WithName("rollbackConfig")
            .WithSummary("Brings the whole configuration back to a version, in one change or not at all.")
            .WithDescription("Secrets that were withdrawn since stay withdrawn; virtual keys that were deleted since come back blocked.")
            .Accepts<RollbackRequest>("application/json")
            .Produces<RollbackReport>().Refuses(400, 404, 409, 413, 415).NotAudited().Access(AccessRules.Whole, AccessAction.Change);
    }

    private static async Task<IResult> EntryAsync(
        HttpContext context, HistoryQueries queries, AccessGuard guard, ConfigStore store, IResourceKind kind, string id, int? limit, string? after)
    {
        var (before, errors) = Place(context, limit, after);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var most = limit ?? ResourceEndpoints.DefaultLimit;
        var rows = await queries.EntryAsync(kind.Kind, id, before, most + 1, context.RequestAborted).ConfigureAwait(false);

        // A team's admin is not shown what an entry was while it lay with others: his history begins when it came to him for good.
        if (!guard.ReachesAll(kind.Kind, AccessAction.History) && Places.IsPlaced(kind.Kind))
        {
            var reaches = guard.Reaches(kind.Kind, AccessAction.History, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false));
            rows = [.. (await queries.EntryAsync(kind.Kind, id, long.MaxValue, MostLookedAt, context.RequestAborted).ConfigureAwait(false))
                .TakeWhile(r => r.Deleted == 0 && reaches(kind.Entry(r.Body))).Where(r => r.Version < before).Take(most + 1)];
        }

        if (rows.Count == 0 && after is null)
        {
            return Problem.NotFound(kind.Kind, id).ToResult();
        }

        return Results.Json(
            new EntryHistory
            {
                Items = [.. rows.Take(most).Select((r, i) => View(kind, r, i + 1 < rows.Count ? rows[i + 1] : null))],
                Next = rows.Count > most ? rows[most - 1].Version.ToString(CultureInfo.InvariantCulture) : null,
            },
            HistoryJson.Default.EntryHistory);
    }

    private static async Task<IResult> VersionsAsync(HttpContext context, HistoryQueries queries, int? limit, string? after)
    {
        var (before, errors) = Place(context, limit, after);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var most = limit ?? ResourceEndpoints.DefaultLimit;
        var versions = (await queries.VersionsAsync(before, most + 1, context.RequestAborted).ConfigureAwait(false)).GroupBy(r => r.Version).ToList();
        return Results.Json(
            new ConfigVersions
            {
                Items =
                [
                    .. versions.Take(most).Select(v => new ConfigVersion
                    {
                        Version = v.Key,
                        At = DateTimeOffset.FromUnixTimeMilliseconds(v.First().At),
                        Actor = new VersionActor(v.First().ActorId, v.First().ActorName),
                        Via = None(v.First().Via),
                        Reason = None(v.First().Reason),
                        Entries = [.. v.Select(r => new VersionEntry(r.Kind, r.Id, r.Deleted != 0))],
                    }),
                ],
                Next = versions.Count > most ? versions[most - 1].Key.ToString(CultureInfo.InvariantCulture) : null,
            },
            HistoryJson.Default.ConfigVersions);
    }

    private static async Task<IResult> DiffAsync(HttpContext context, HistoryQueries queries, ResourceRegistry kinds, long from, long? to)
    {
        var errors = QueryFields.Unknown(context, "from", "to");
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var before = (await queries.AtAsync(from, context.RequestAborted).ConfigureAwait(false)).Where(r => r.Deleted == 0).ToDictionary(r => (r.Kind, r.Id));
        var after = (await queries.AtAsync(to ?? long.MaxValue, context.RequestAborted).ConfigureAwait(false)).Where(r => r.Deleted == 0).ToDictionary(r => (r.Kind, r.Id));
        var changes =
            from key in before.Keys.Union(after.Keys).Order()
            let one = before.GetValueOrDefault(key)
            let other = after.GetValueOrDefault(key)
            where one?.Body != other?.Body
            let kind = kinds.Find(key.Kind)
            select new PlannedChange
            {
                Kind = key.Kind,
                Id = key.Id,
                Action = one is null ? "create" : other is null ? "delete" : "change",
                Changes = kind is null ? [] : EntryDiff.Between(one is null ? null : Redaction.Of(kind.View(one.Body)), other is null ? null : Redaction.Of(kind.View(other.Body))),
                SecretChanges = other is not null && Redaction.SecretsOf(other.Body) != Redaction.SecretsOf(one?.Body),
            };
        var newest = after.Values.Select(r => r.Version).DefaultIfEmpty(from).Max();
        return Results.Json(new ConfigDiff { From = from, To = to ?? newest, Changes = [.. changes] }, HistoryJson.Default.ConfigDiff);
    }

    private static EntryVersion View(IResourceKind kind, HistoryRow row, HistoryRow? before)
    {
        var entry = row.Deleted != 0 ? null : Redaction.Of(kind.View(row.Body));
        var earlier = before is null or { Deleted: not 0 } ? null : Redaction.Of(kind.View(before.Body));
        return new EntryVersion
        {
            Version = row.Version,
            At = DateTimeOffset.FromUnixTimeMilliseconds(row.At),
            Actor = new VersionActor(row.ActorId, row.ActorName),
            Action = row.Deleted != 0 ? "delete" : earlier is null ? "create" : "change",
            Via = None(row.Via),
            Reason = None(row.Reason),
            RequestId = None(row.RequestId),
            Entry = entry,
            Changes = EntryDiff.Between(earlier, entry),
        };
    }

    private static async Task<(RollbackRequest? Body, Problem? Refused)> RequestAsync(HttpContext context)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return (null, refused);
        }

        var errors = new FieldErrors();
        var reader = new ObjectReader(body, "", errors);
        var request = new RollbackRequest { Version = reader.Integer("version", 1, long.MaxValue, required: true) ?? 0, DryRun = reader.Boolean("dryRun", false) };
        reader.Close();
        return errors.Any ? (null, Problem.Invalid(errors.All)) : (request, null);
    }

    private static (long Before, FieldErrors Errors) Place(HttpContext context, int? limit, string? after)
    {
        var errors = QueryFields.Unknown(context, "limit", "after");
        var before = long.MaxValue;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            errors.Add("after", "is no cursor: pass the next of the page before.");
        }

        QueryFields.CheckLimit(limit, errors);
        return (before, errors);
    }

    private static IResult Answer((RollbackReport? Report, Problem? Refused) outcome)
        => outcome.Refused?.ToResult() ?? Results.Json(outcome.Report, HistoryJson.Default.RollbackReport);

    private static string? None(string text) => text.Length == 0 ? null : text;
}
