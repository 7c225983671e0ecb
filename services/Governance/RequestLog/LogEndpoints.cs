using System.Text.Json;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.RequestLog.Sessions;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.RequestLog.Tail;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.RequestLog;

/// <summary>The request log in the admin API.</summary>
internal static class LogEndpoints
{
    private const int MostWords = 16;
    private const int TextLength = 500;

    public static void MapRequestLog(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/logs").WithTags("Request log");
        group.MapGet("/", ListAsync)
            .WithName("listLogs")
            .WithSummary("Requests one by one, newest first.")
            .WithDescription(
                $"The filters are those of usage records, and `text`: words that what was said must all have, up to {MostWords}, and `requestId`. `limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of "
                + "the page before; `from` is inclusive, `to` exclusive. `text` needs the right to read what was said, and is noted in the audit log.")
            .Produces<LogPage>().Refuses(400)
            .Access("log", AccessAction.List).FiltersByReach();
        group.MapTail();
        group.MapSessions();
        group.MapGet("/{id}", ReadAsync)
            .WithName("getLog")
            .WithSummary("One request by the id of its record: usage, decision record, notes.")
            .Produces<LogView>().Refuses(404)
            .Access("log", AccessAction.Read).FiltersByReach();
        group.MapGet("/{id}/bodies", BodiesAsync)
            .WithName("getLogBodies")
            .WithSummary("What was said in one request, redacted. Each call is noted in the audit log.")
            .Produces<LogBodies>().Refuses(404)
            .Access("logBody", AccessAction.Read).FiltersByReach()
            .AuditedAs("log.bodies");
        group.MapDelete("/", EraseAsync)
            .WithName("eraseLogs")
            .WithSummary("Deletes what the request log has of a key or an end user.")
            .WithDescription("Exactly one of `key` and `endUser`. Of an end user the usage records lose name and session; their figures stay. Call again until `done` is true.")
            .Produces<LogErased>().Refuses(400)
            .Access("log", AccessAction.Delete)
            .AuditedAs("log.erase");
    }

    private static async Task<IResult> ListAsync(HttpContext context, LogSearch search, ConfigStore store, UsageReach reach, ICurrentActor actors, IAccessLog access)
    {
        var reader = new QueryReader(context.Request.Query);
        var (from, to) = reader.Range();
        var filter = reader.Filter(from, to);
        var limit = (int?)reader.Number("limit", 1, ResourceEndpoints.MostItems) ?? ResourceEndpoints.DefaultLimit;
        var words = ReadWords(reader);
        var requestId = reader.Text("requestId");
        var after = reader.Text("after");
        reader.Close();
        LogCursor cursor = default;
        if (after is not null && !LogCursor.TryRead(after, words.Count > 0, out cursor))
        {
            reader.Errors.Add("after", "is no cursor of this search: pass the next of the page before, with the same parameters.");
        }

        if (words.Count > 0 && requestId is not null)
        {
            reader.Errors.Add("requestId", "cannot be combined with text.");
        }

        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        if (words.Count > 0)
        {
            var actor = actors.Current;
            if (PermissionTable.Of(actor.Role, "logBody", AccessAction.Read) == Reach.None)
            {
                return AccessProblems.Forbidden(actor, "logBody", AccessAction.Read).ToResult();
            }

            access.Note(new AccessEvent(actor, "search", "logBody", "", $"{context.Request.Method} {context.Request.Path}", Denied: false, "text"));
        }

        var names = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var (own, outside) = reach.Limit(filter, names);
        if (outside is not null)
        {
            return outside.ToResult();
        }

        var page = await search.PageAsync(new LogQuestion(own, words, requestId), after is null ? null : cursor, limit, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(page with { Items = [.. page.Items.Select(i => i.Named(names))] }, LogJson.Default.LogPage);
    }

    private static HashSet<string> ReadWords(QueryReader reader)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        if (reader.Text("text") is not { } text)
        {
            return words;
        }

        if (text.Length > TextLength)
        {
            reader.Errors.Add("text", $"has at most {TextLength} characters.");
            return words;
        }

        Words.Of(text, words);
        if (words.Count is 0 or > MostWords)
        {
            reader.Errors.Add("text", $"must have 1 to {MostWords} words of letters and digits.");
        }

        return words;
    }

    private static async Task<IResult> ReadAsync(string id, HttpContext context, Database database, UsageRecordQuery records, ConfigStore store, UsageReach reach)
    {
        var record = await records.FindAsync(id, context.RequestAborted).ConfigureAwait(false);
        var (detail, body, _) = await LogMonths.ReadAsync(database, s => LogRows.FindAsync(s, id, record?.StartedAt), context.RequestAborted).ConfigureAwait(false);
        var owner = record is not null ? (record.KeyId, record.Team, record.Customer) : detail is not null ? (detail.KeyId, detail.Team, detail.Customer) : body is not null ? (body.KeyId, body.Team, body.Customer) : ("", "", "");
        var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        if ((record is null && detail is null && body is null) || !reach.Covers(owner.Item1, owner.Item2, owner.Item3, state))
        {
            return Problem.NotFound("request", id).ToResult();
        }

        return Results.Json(
            new LogView
            {
                Id = id,
                StartedAt = UsageTime.Instant(record?.StartedAt ?? LogPlace.Micros(detail?.Place ?? body!.Place)),
                Record = record?.ToView(),
                KeyName = state.NameOfKey(record?.KeyId),
                Detail = detail is null ? null : Detail(detail),
                HasBodies = body is not null,
            },
            LogJson.Default.LogView);
    }

    private static LogDetail Detail(DetailRow row)
    {
        var entry = row.Entry;
        return new LogDetail
        {
            RequestId = row.RequestId,
            Edge = row.Edge,
            Fault = entry?.Fault ?? "",
            Step = entry?.Step ?? "",
            Message = entry?.Message ?? "",
            FinishReason = entry?.FinishReason ?? "",
            Events = entry?.Events ?? 0,
            ClientAddress = entry?.ClientAddress ?? "",
            UserAgent = entry?.UserAgent ?? "",
            Decision = Parsed(entry?.Decision),
            Notes = entry?.Notes ?? [],
            Dropped = entry?.Dropped ?? [],
            Request = entry?.Request is { } request ? new LogBodySize(request.Bytes, request.Cut, request.Redacted) : null,
            Answer = entry?.Answer is { } answer ? new LogBodySize(answer.Bytes, answer.Cut, answer.Redacted) : null,
        };
    }

    private static JsonElement? Parsed(string? json)
    {
        try
        {
            return string.IsNullOrEmpty(json) ? null : JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<IResult> BodiesAsync(string id, HttpContext context, Database database, LogSecrets secrets, ConfigStore store, UsageReach reach)
    {
        var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var (body, keys) = await LogMonths.ReadAsync(
            database,
            async session =>
            {
                var (_, found, month) = await LogRows.FindAsync(session, id).ConfigureAwait(false);
                return (found, found is null ? null : await secrets.FindAsync(session, month).ConfigureAwait(false));
            },
            context.RequestAborted).ConfigureAwait(false);
        if (body is null || !reach.Covers(body.KeyId, body.Team, body.Customer, state))
        {
            return Problem.NotFound("request with bodies", id).ToResult();
        }

        return keys is not null && BodySeal.Open(keys, id, body.Sealed) is { } bodies
            ? Results.Json(new LogBodies { Id = id, Request = bodies.Request, Answer = bodies.Answer }, LogJson.Default.LogBodies)
            : new Problem
            {
                Status = 409,
                Title = "What was said cannot be read.",
                Code = "sealed",
                Detail = "It is sealed by a key that is not in the key ring any more. Restore the key ring from a backup.",
            }.ToResult();
    }

    private static async Task<IResult> EraseAsync(HttpContext context, LogErasure erasure)
    {
        var reader = new QueryReader(context.Request.Query);
        var (key, endUser) = (reader.Text("key"), reader.Text("endUser"));
        reader.Close();
        if (!reader.Errors.Any && string.IsNullOrEmpty(key) == string.IsNullOrEmpty(endUser))
        {
            reader.Errors.Add("key", "or endUser is required, and only one of them.");
        }

        return reader.Errors.Any
            ? Problem.Invalid(reader.Errors.All).ToResult()
            : Results.Json(
                await erasure.RunAsync(string.IsNullOrEmpty(key) ? null : key, string.IsNullOrEmpty(endUser) ? null : endUser, context.RequestAborted).ConfigureAwait(false),
                LogJson.Default.LogErased);
    }
}
