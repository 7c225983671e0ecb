using System.Buffers;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.RequestLog.Storage;
using Gateway.Governance.Usage;
using Gateway.Governance.Usage.Records;

namespace Gateway.Governance.Mcp.Calls;

/// <summary>The log of calls in the admin API, and where hubs hand it in.</summary>
internal static class McpCallEndpoints
{
    /// <summary>Kind of the permission table.</summary>
    public const string Kind = "mcpCall";

    private const int MostCalls = 500;
    private const int MostChars = 1_024;
    private const int MostBody = 8_000;
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public static void MapMcpCalls(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/mcp/calls").WithTags("MCP hub");
        group.MapGet("/", ListAsync)
            .WithName("listMcpCalls")
            .WithSummary("Calls of tools one by one, newest first.")
            .WithDescription(
                "Filters: `key`, `team`, `customer`, `endUser`, `session`, `trace`, `server`, `tool`, `outcome` (done, toolError, refused, limited, unapproved, guarded, timedOut, failed, cancelled), "
                + $"`origin` (direct, agent, code, playground), `from` (inclusive), `to` (exclusive). `limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<McpCallPage>().Refuses(400)
            .Access(Kind, AccessAction.List).FiltersByReach();
        group.MapGet("/{id}", ReadAsync)
            .WithName("getMcpCall")
            .WithSummary("One call, with its arguments and result where they are kept. Each reading of those is noted in the audit log.")
            .Produces<McpCallView>().Refuses(404)
            .Access(Kind, AccessAction.Read).FiltersByReach();
    }

    /// <summary>Where hubs hand it in.</summary>
    public static void MapMcpCallIngest(this RouteGroupBuilder group) => group.MapPost("/mcp/calls", async (HttpContext context, CallStore store) =>
    {
        McpCallBatch? batch;
        try
        {
            batch = await JsonSerializer.DeserializeAsync(context.Request.Body, ContractsJson.Default.McpCallBatch, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException malformed)
        {
            return Problem.Malformed($"The body is no batch of calls: at {malformed.Path ?? "$"}, line {malformed.LineNumber + 1}.").ToResult();
        }

        if (batch is null || batch.HubId.Length is 0 or > MostChars || batch.Calls.Count > MostCalls)
        {
            return Problem.Malformed($"The body is no batch of calls: it needs a hubId, and has at most {MostCalls} calls.").ToResult();
        }

        for (var i = 0; i < batch.Calls.Count; i++)
        {
            if (batch.Calls[i] is not { } call || Wrong(call) is { } wrong)
            {
                return Problem.Invalid([new FieldError($"calls[{i}]", Wrong(batch.Calls[i]) ?? "is null.")]).ToResult();
            }
        }

        return Results.Json(await store.StoreAsync(batch, context.RequestAborted).ConfigureAwait(false), ContractsJson.Default.McpCallAck);
    });

    private static string? Wrong(McpCallRecord? call) =>
        call is null ? "is null."
        : call.Id.Length != 32 || call.Id.AsSpan().ContainsAnyExcept(Hex) ? "must have an id of 32 lower-case hex digits."
        : call.StartedAtMicros is < 0 or >= LogPlace.MostMicros ? "must have begun after 1970 and before 2255."
        : !Enum.IsDefined(call.Outcome) || !Enum.IsDefined(call.Origin) ? "has an outcome or origin that is unknown."
        : call.DurationMicros < 0 || call.PriceNanoUsd < 0 || call.ArgumentBytes < 0 || call.ResultBytes < 0 ? "has a negative number."
        : call.Notes.Count > 20 || call.Notes.Any(static n => n is null || n.Length > 300) ? "may have at most 20 notes of 300 characters."
        : call.Arguments?.Length > MostBody || call.Result?.Length > MostBody || call.Reason.Length > 4 * MostChars ? "has a text that is too long."
        : null;

    private static async Task<IResult> ListAsync(HttpContext context, CallStore calls, ConfigStore store, UsageReach reach)
    {
        var reader = new QueryReader(context.Request.Query);
        var (from, to) = reader.Range();
        var filter = new CallFilter
        {
            From = from,
            To = to,
            Key = reader.Text("key"),
            Team = reader.Text("team"),
            Customer = reader.Text("customer"),
            EndUser = reader.Text("endUser"),
            Session = reader.Text("session"),
            Trace = reader.Text("trace"),
            Server = reader.Text("server"),
            Tool = reader.Text("tool"),
            Outcome = reader.Choice<McpCallOutcome?>("outcome", [("", null), .. Enum.GetValues<McpCallOutcome>().Select(static o => (JsonNamingPolicy.CamelCase.ConvertName(o.ToString()), (McpCallOutcome?)o))]),
            Origin = reader.Choice<McpCallOrigin?>("origin", [("", null), .. Enum.GetValues<McpCallOrigin>().Select(static o => (JsonNamingPolicy.CamelCase.ConvertName(o.ToString()), (McpCallOrigin?)o))]),
        };
        var limit = (int?)reader.Number("limit", 1, ResourceEndpoints.MostItems) ?? ResourceEndpoints.DefaultLimit;
        var after = reader.Text("after");
        reader.Close();
        RecordPlace place = default;
        if (after is not null && !UsageRecordQuery.TryReadCursor(after, out place))
        {
            reader.Errors.Add("after", "is no cursor of this list: pass the next of the page before.");
        }

        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        // Whose calls somebody sees is whose usage he sees.
        var names = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var (limited, outside) = reach.Limit(new UsageRecordFilter { Key = filter.Key, Team = filter.Team, Customer = filter.Customer }, names);
        if (outside is not null)
        {
            return outside.ToResult();
        }

        filter = filter with { Key = limited.Key, Team = limited.Team, Customer = limited.Customer };
        var page = await calls.PageAsync(filter, after is null ? null : place, limit, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(page with { Items = [.. page.Items.Select(c => c with { KeyName = names.NameOfKey(c.KeyId) })] }, McpCallJson.Default.McpCallPage);
    }

    private static async Task<IResult> ReadAsync(string id, HttpContext context, CallStore calls, ConfigStore store, UsageReach reach, ICurrentActor actors, IAccessLog access)
    {
        var found = await calls.FindAsync(id, context.RequestAborted).ConfigureAwait(false);
        if (found is not var (row, bodies) || !reach.Covers(row.KeyId, row.TeamId, row.CustomerId, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)))
        {
            return Problem.NotFound("call", id).ToResult();
        }

        var view = row.View() with { KeyName = store.Latest.NameOfKey(row.KeyId) };
        var actor = actors.Current;
        if (bodies is not null && PermissionTable.Of(actor.Role, "logBody", AccessAction.Read) != Reach.None)
        {
            access.Note(new AccessEvent(actor, "read", Kind, id, $"{context.Request.Method} {context.Request.Path}", Denied: false, "bodies"));
            view = view with { Arguments = bodies.Request?.Text, Result = bodies.Answer?.Text };
        }

        return Results.Json(view, McpCallJson.Default.McpCallView);
    }
}
