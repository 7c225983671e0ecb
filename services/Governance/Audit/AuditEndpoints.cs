using System.Globalization;
using System.Text.Json.Nodes;
using Gateway.Audit;
using Gateway.Governance.Access;
using Gateway.Governance.Api;

namespace Gateway.Governance.Audit;

/// <summary>Who did what, and whether the record of it is whole.</summary>
internal static class AuditEndpoints
{
    private const string Lines = "application/x-ndjson";
    private const int PageRows = 1000;

    public static void MapAudit(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/audit").WithTags("Audit");
        group.MapGet("/", ListAsync)
            .WithName("listAudit")
            .WithSummary("What was done, newest first.")
            .WithDescription(
                "`chain`, `actor`, `action`, `kind`, `id` and `requestId` select by exact value; `from` is inclusive, `to` exclusive; `full=true` adds the entries before and after. "
                + $"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<AuditPage>().Refuses(400).Access("audit", AccessAction.List);
        group.MapGet("/export", ExportAsync)
            .WithName("exportAudit")
            .WithSummary("All rows as lines of JSON, chain by chain, in the form that can be verified offline.")
            .WithDescription("`chain` gives one chain only; `after` begins behind that row of it.")
            .Produces(200, contentType: Lines).Refuses(400).Access("audit", AccessAction.List)
            .AuditedAs("audit.export");
        group.MapGet("/checkpoints", CheckpointsAsync)
            .WithName("listAuditCheckpoints")
            .WithSummary("Signed checkpoints, and the public keys that verify them.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<CheckpointPage>().Refuses(400).Access("audit", AccessAction.List);
        group.MapPost("/checkpoints", async (HttpContext context, Checkpoints checkpoints) =>
            {
                await checkpoints.SignAsync(all: true, context.RequestAborted).ConfigureAwait(false);
                return Results.NoContent();
            })
            .WithName("createAuditCheckpoints")
            .WithSummary("Signs every chain that has rows since its last checkpoint, now.")
            .Produces(204).Refuses().NotAudited().Access("audit", AccessAction.Run);
        group.MapPost("/verify", VerifyAsync)
            .WithName("verifyAudit")
            .WithSummary("Reads the log as it lies in the store and says which rows were altered, deleted, moved, inserted or cut off.")
            .WithDescription("`chain` reads one chain only.")
            .Produces<VerificationReport>().Refuses(400).NotAudited().Access("audit", AccessAction.Run);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, AuditQueries queries, string? chain, string? actor, string? action, string? kind, string? id, string? requestId,
        DateTimeOffset? from, DateTimeOffset? to, bool? full, int? limit, string? after)
    {
        var errors = QueryFields.Unknown(context, "chain", "actor", "action", "kind", "id", "requestId", "from", "to", "full", "limit", "after");
        var place = after is null ? null : AuditCursor.Parse(after);
        if (after is not null && place is null)
        {
            errors.Add("after", "is no cursor: pass the next of the page before.");
        }

        QueryFields.CheckLimit(limit, errors);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var most = limit ?? ResourceEndpoints.DefaultLimit;
        var filter = new AuditFilter(chain, actor, action, kind, id, requestId, from is { } f ? AuditLog.Micros(f) : null, to is { } t ? AuditLog.Micros(t) : null);
        var rows = await queries.PageAsync(filter, place, most + 1, context.RequestAborted).ConfigureAwait(false);
        var last = rows.Count > most ? rows[most - 1] : null;
        return Results.Json(
            new AuditPage
            {
                Items = [.. rows.Take(most).Select(r => View(r, full ?? false))],
                Next = last is null ? null : new AuditCursor(last.AtMicros, last.Chain, last.Sequence).ToString(),
            },
            AuditApiJson.Default.AuditPage);
    }

    private static async Task<IResult> ExportAsync(HttpContext context, AuditQueries queries, string? chain, long? after)
    {
        var errors = QueryFields.Unknown(context, "chain", "after");
        if (after is not null && (chain is null || after < 0))
        {
            errors.Add("after", "must be a row of the chain that is named beside it, 0 or more.");
        }

        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var heads = await queries.HeadsAsync(chain, context.RequestAborted).ConfigureAwait(false);
        return Results.Stream(
            async stream =>
            {
                foreach (var head in heads)
                {
                    for (var at = after ?? 0; ;)
                    {
                        var rows = await queries.ChainAsync(head.Chain, at, head.Hash.Length == 0 ? long.MaxValue : head.Sequence, PageRows, context.RequestAborted).ConfigureAwait(false);
                        foreach (var row in rows)
                        {
                            await stream.WriteAsync(AuditLines.Write(row), context.RequestAborted).ConfigureAwait(false);
                            await stream.WriteAsync("\n"u8.ToArray(), context.RequestAborted).ConfigureAwait(false);
                        }

                        if (rows.Count < PageRows)
                        {
                            break;
                        }

                        at = rows[^1].Sequence;
                    }
                }
            },
            Lines);
    }

    private static async Task<IResult> CheckpointsAsync(HttpContext context, Checkpoints checkpoints, SigningKeys signing, string? chain, int? limit, string? after)
    {
        var errors = QueryFields.Unknown(context, "chain", "limit", "after");
        long number = 0;
        if (after is not null && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            errors.Add("after", "is no cursor: pass the next of the page before.");
        }

        QueryFields.CheckLimit(limit, errors);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var most = limit ?? ResourceEndpoints.DefaultLimit;
        var found = await checkpoints.ReadAsync(chain, number, most + 1, context.RequestAborted).ConfigureAwait(false);
        var keys = await signing.GetAsync(context.RequestAborted).ConfigureAwait(false);
        return Results.Json(
            new CheckpointPage
            {
                PublicKeys = keys.PublicPem,
                Items = [.. found.Take(most).Select(c => c.ToCheckpoint())],
                Next = found.Count > most ? found[most - 1].Number.ToString(CultureInfo.InvariantCulture) : null,
            },
            AuditApiJson.Default.CheckpointPage);
    }

    private static async Task<IResult> VerifyAsync(HttpContext context, AuditVerification verification, string? chain)
    {
        var errors = QueryFields.Unknown(context, "chain");
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var verdict = await verification.VerifyAsync(chain, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(
            new VerificationReport { Intact = verdict.IsIntact, Rows = verdict.Rows, Checkpoints = verdict.Checkpoints, Chains = verdict.Chains, Findings = verdict.Findings },
            AuditApiJson.Default.VerificationReport);
    }

    private static AuditEntryView View(AuditRow row, bool full)
    {
        var detail = Parsed(row.Detail);
        var isChange = detail is not null && (detail.ContainsKey("before") || detail.ContainsKey("after"));
        var changes = isChange ? EntryDiff.Between(detail!["before"], detail["after"]) : null;
        if (isChange && !full)
        {
            detail!.Remove("before");
            detail.Remove("after");
        }

        return new AuditEntryView
        {
            Chain = row.Chain,
            Sequence = row.Sequence,
            At = DateTimeOffset.UnixEpoch.AddTicks(row.AtMicros * TimeSpan.TicksPerMicrosecond),
            Actor = new AuditActorView(row.ActorId, row.ActorName, row.ActorRole),
            Action = row.Action,
            Kind = None(row.Kind),
            Id = None(row.EntryId),
            Changes = changes,
            Detail = detail is { Count: > 0 } ? detail : null,
            RequestId = None(row.RequestId),
            Address = None(row.Address),
            Reason = None(row.Reason),
            Hash = row.Hash,
        };
    }

    // A row that was tampered with is shown too.
    private static JsonObject? Parsed(string detail)
    {
        try
        {
            return detail.Length == 0 ? null : JsonNode.Parse(detail) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return new JsonObject { ["unreadable"] = detail };
        }
    }

    private static string? None(string text) => text.Length == 0 ? null : text;
}
