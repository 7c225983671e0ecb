using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.RequestLog.Sessions;

/// <summary>Sessions: requests that callers say belong together.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this RouteGroupBuilder group)
    {
        group.MapGet("/sessions", ListAsync)
            .WithName("listRequestSessions")
            .WithSummary("Sessions of requests, last used first, with their sums.")
            .WithDescription($"A session is what a key calls by one name. Filters: key, team, customer, endUser, session, and `from`, `to` of its last request. `limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}.")
            .Produces<SessionPage>().Refuses(400)
            .Access("log", AccessAction.List).FiltersByReach();
        group.MapGet("/sessions/{session}", ReadAsync)
            .WithName("getRequestSession")
            .WithSummary("One session: its sums, and its requests in the order that they arrived.")
            .WithDescription("`key` limits it to one of the keys that use this name. Sums are of all requests, also of those whose records are past their time.")
            .Produces<SessionView>().Refuses(400, 404)
            .Access("log", AccessAction.List).FiltersByReach();
    }

    private static async Task<IResult> ListAsync(HttpContext context, SessionQueries sessions, ConfigStore store, UsageReach reach)
    {
        var reader = new QueryReader(context.Request.Query);
        var (from, to) = reader.Range();
        var filter = new UsageRecordFilter
        {
            Key = reader.Text("key"),
            Team = reader.Text("team"),
            Customer = reader.Text("customer"),
            EndUser = reader.Text("endUser"),
            Session = reader.Text("session"),
            From = from,
            To = to,
        };
        var (limit, after) = reader.Page<SessionPlace>(SessionPlace.TryRead);
        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        var (own, outside) = reach.Limit(filter, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false));
        return outside?.ToResult()
            ?? Results.Json(await sessions.PageAsync(own, after, limit, context.RequestAborted).ConfigureAwait(false), SessionJson.Default.SessionPage);
    }

    private static async Task<IResult> ReadAsync(string session, HttpContext context, SessionQueries sessions, ConfigStore store, UsageReach reach)
    {
        var reader = new QueryReader(context.Request.Query);
        var filter = new UsageRecordFilter { Session = ResourceEndpoints.Decoded(session), Key = reader.Text("key"), Team = reader.Text("team"), Customer = reader.Text("customer") };
        var (limit, after) = reader.Page<RecordPlace>(UsageRecordQuery.TryReadCursor);
        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        var names = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var (own, outside) = reach.Limit(filter, names);
        if (outside is not null)
        {
            return outside.ToResult();
        }

        return await sessions.FindAsync(own, after, limit, context.RequestAborted).ConfigureAwait(false) is { } view
            ? Results.Json(view with { Items = [.. view.Items.Select(i => i.Named(names))] }, SessionJson.Default.SessionView)
            : Problem.NotFound("session", filter.Session!).ToResult();
    }
}
