using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Usage;

/// <summary>What was used and what it cost.</summary>
internal static class UsageEndpoints
{
    private const int DefaultDays = 30;

    public static void MapUsage(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/usage").WithTags("Usage");
        group.MapGet("/", ReportAsync)
            .WithName("getUsage")
            .WithSummary("Totals of requests, tokens and cost.")
            .WithDescription(
                $"`from` is inclusive, `to` exclusive; by default the last {DefaultDays} days. `groupBy` is any of {string.Join(", ", UsageQueries.Dimensions.Keys)}, "
                + $"several separated by commas or repeated. At most `limit` groups are given, 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.MostItems}.")
            .Produces<UsageReport>().Refuses(400)
            .Access("usage", AccessAction.List).FiltersByReach();
        group.MapGet("/records", RecordsAsync)
            .WithName("listUsageRecords")
            .WithSummary("Requests one by one, newest first: metadata only.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before; `from` is inclusive, `to` exclusive.")
            .Produces<UsageRecordPage>().Refuses(400)
            .Access("usage", AccessAction.List).FiltersByReach();
    }

    private static async Task<IResult> ReportAsync(
        HttpContext context, UsageQueries queries, ConfigStore store, ICurrentActor actors, TimeProvider time, DateTimeOffset? from, DateTimeOffset? to, string[]? groupBy, int? limit)
    {
        var errors = Unknown(context, "from", "to", "groupBy", "limit");
        var end = to ?? time.GetUtcNow();
        var start = from ?? end.AddDays(-DefaultDays);
        var dimensions = (groupBy ?? []).SelectMany(g => g.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct().ToList();
        foreach (var unknown in dimensions.Where(d => !UsageQueries.Dimensions.ContainsKey(d)))
        {
            errors.Add("groupBy", $"'{unknown}' is unknown. Legal values: {string.Join(", ", UsageQueries.Dimensions.Keys)}.");
        }

        CheckRange(start, end, errors);
        CheckLimit(limit, errors);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var names = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var report = await queries.ReportAsync(
            start.ToUniversalTime(), end.ToUniversalTime(), dimensions, limit ?? ResourceEndpoints.MostItems, UsageReach.Of(actors.Current, names), names, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(report, UsageJson.Default.UsageReport);
    }

    private static async Task<IResult> RecordsAsync(
        HttpContext context, UsageRecordQuery query, ConfigStore store, ICurrentActor actors, string? key, string? model, int? status, DateTimeOffset? from, DateTimeOffset? to, int? limit, string? after)
    {
        var errors = Unknown(context, "key", "model", "status", "from", "to", "limit", "after");
        (long StartedAt, string Id) place = default;
        if (after is not null && !UsageRecordQuery.TryReadCursor(after, out place))
        {
            errors.Add("after", "is no cursor: pass the next of the page before.");
        }

        CheckRange(from ?? DateTimeOffset.UnixEpoch, to ?? DateTimeOffset.MaxValue, errors);
        CheckLimit(limit, errors);
        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var reach = UsageReach.Of(actors.Current, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false));
        var page = await query.PageAsync(
            new UsageRecordFilter(key, model, status, from, to), reach, after is null ? null : place, limit ?? ResourceEndpoints.DefaultLimit, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(page, UsageJson.Default.UsageRecordPage);
    }

    private static FieldErrors Unknown(HttpContext context, params string[] legal)
    {
        var errors = new FieldErrors();
        foreach (var name in context.Request.Query.Keys.Where(k => !legal.Contains(k, StringComparer.OrdinalIgnoreCase)))
        {
            errors.Add(name, $"is unknown. Legal parameters: {string.Join(", ", legal)}.");
        }

        return errors;
    }

    private static void CheckRange(DateTimeOffset from, DateTimeOffset to, FieldErrors errors)
    {
        if (from < DateTimeOffset.UnixEpoch)
        {
            errors.Add("from", "must be 1970-01-01T00:00:00Z or later.");
        }

        if (to < from)
        {
            errors.Add("to", "must not be before from.");
        }
    }

    private static void CheckLimit(int? limit, FieldErrors errors)
    {
        if (Paging.Wrong(limit) is { Errors: [var wrong] })
        {
            errors.Add(wrong.Field, wrong.Message);
        }
    }
}
