using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Usage.Aggregates;
using Gateway.Governance.Usage.Export;
using Gateway.Governance.Usage.Records;
using Gateway.Governance.Usage.Reports;

namespace Gateway.Governance.Usage;

/// <summary>What was used and what it cost.</summary>
internal static class UsageEndpoints
{
    private const int DefaultDays = 30;
    private const int MostValues = 500;

    public static void MapUsage(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/usage").WithTags("Usage");
        group.MapGet("/", ReportAsync)
            .WithName("getUsage")
            .WithSummary("Totals of requests, tokens and cost.")
            .WithDescription(
                $"`from` is inclusive, `to` exclusive; by default the last {DefaultDays} days. `groupBy` is any of {string.Join(", ", UsageQueries.Dimensions.Keys)}, "
                + "several separated by commas or repeated, and a parameter of each name limits the report to one value; `tag` stands alone. "
                + $"`values`, repeated, limits a report grouped by one dimension to these of its values, at most {MostValues}. `interval` is hour, day, week or month, or minute for up to three hours, and adds "
                + $"series, of days of `timeZone`. `compare=previous` adds the time before, `latency=true` percentiles: of everything, by model or provider, of one value of any dimension but tag, and of the points of such a series; `latency=available` leaves them out of what has none. At most `limit` groups are given, 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.MostItems}.")
            .Produces<UsageReport>().Refuses(400)
            .Access("usage", AccessAction.List).FiltersByReach();
        group.MapGet("/records", RecordsAsync)
            .WithName("listUsageRecords")
            .WithSummary("Requests one by one, newest first: metadata only.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before; `from` is inclusive, `to` exclusive.")
            .Produces<UsageRecordPage>().Refuses(400)
            .Access("usage", AccessAction.List).FiltersByReach();
        group.MapGet("/records/{id}", RecordAsync)
            .WithName("getUsageRecord")
            .WithSummary("One request by the id of its record.")
            .Produces<UsageRecordView>().Refuses(404)
            .Access("usage", AccessAction.List).FiltersByReach();
        group.MapUsageExport();
    }

    private static async Task<IResult> ReportAsync(HttpContext context, UsageQueries queries, ConfigStore store, UsageReach reach, TimeProvider time)
    {
        var reader = new QueryReader(context.Request.Query);
        var (from, to) = reader.Range();
        var end = to ?? time.GetUtcNow();
        var start = from ?? end.AddDays(-DefaultDays);
        if (end < start && !reader.Errors.Any)
        {
            reader.Errors.Add("to", "must not be before from.");
        }

        var (groupBy, filters) = reader.Dimensions(UsageQueries.Dimensions);
        var values = reader.Values("values", MostValues);
        var latency = reader.Choice("latency", ("false", Percentile.None), ("true", Percentile.Wanted), ("available", Percentile.WhereKept));
        var question = new UsageQuestion
        {
            From = start,
            To = end,
            GroupBy = groupBy,
            Filters = filters,
            Values = values,
            Interval = reader.Choice("interval", ("none", UsageInterval.None), ("minute", UsageInterval.Minute), ("hour", UsageInterval.Hour), ("day", UsageInterval.Day), ("week", UsageInterval.Week), ("month", UsageInterval.Month)),
            TimeZone = reader.TimeZone("timeZone"),
            Compare = reader.Choice("compare", ("none", false), ("previous", true)),
            Latency = latency is not Percentile.None,
            Limit = (int?)reader.Number("limit", 1, ResourceEndpoints.MostItems) ?? ResourceEndpoints.MostItems,
        };
        reader.Close();
        var names = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
        var (own, outside) = reach.Limit(question.Filters, names);
        if (outside is not null)
        {
            return outside.ToResult();
        }

        question = question with { Filters = own };
        var dimensions = question.Dimensions;
        if (dimensions.Count > 1 && dimensions.Contains(UsageDimension.Tag))
        {
            reader.Errors.Add(groupBy.Contains(UsageDimension.Tag) ? "groupBy" : "tag", "tags are counted by themselves: leave out the other groupings and filters, or search the records.");
        }

        if (values.Count > 0 && groupBy is not [not UsageDimension.Tag])
        {
            reader.Errors.Add("values", "are of the one dimension that the report is grouped by, and not of tags.");
        }

        if (latency is Percentile.WhereKept)
        {
            question = question with { Latency = UsageQueries.HasLatency(question) };
        }
        else if (question.Latency && !UsageQueries.HasLatency(question))
        {
            reader.Errors.Add("latency", "percentiles are kept of everything together, by model, by provider, and of one key, team, customer, user or route; of several together by the minute alone, of tags not at all.");
        }

        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        if (await queries.ReportAsync(question, names, context.RequestAborted).ConfigureAwait(false) is { } report)
        {
            return Results.Json(report, UsageJson.Default.UsageReport);
        }

        reader.Errors.Add("interval", $"makes more than {(question.Interval == UsageInterval.Minute ? UsageIntervals.MostMinutes : UsageIntervals.Most)} points of this range: take a longer one.");
        return Problem.Invalid(reader.Errors.All).ToResult();
    }

    private static async Task<IResult> RecordsAsync(HttpContext context, UsageRecordQuery query, ConfigStore store, UsageReach reach)
    {
        var reader = new QueryReader(context.Request.Query);
        var (from, to) = reader.Range();
        var filter = reader.Filter(from, to);
        var (limit, after) = reader.Page<RecordPlace>(UsageRecordQuery.TryReadCursor);
        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        var (own, outside) = reach.Limit(filter, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false));
        if (outside is not null)
        {
            return outside.ToResult();
        }

        var page = await query.PageAsync(own, after, limit, context.RequestAborted).ConfigureAwait(false);
        return Results.Json(page, UsageJson.Default.UsageRecordPage);
    }

    private static async Task<IResult> RecordAsync(string id, HttpContext context, UsageRecordQuery query, ConfigStore store, UsageReach reach)
        => await query.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is { } row
            && reach.Covers(row.KeyId, row.Team, row.Customer, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false))
            ? Results.Json(row.ToView(), UsageJson.Default.UsageRecordView)
            : Problem.NotFound("usage record", id).ToResult();

    private enum Percentile
    {
        None,
        Wanted,
        WhereKept,
    }
}
