using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Reconciliation.Fetching;

/// <summary>Sources of bills: the entries, fetching at once, and what became of it.</summary>
internal static class BillSourceEndpoints
{
    public static IServiceCollection AddBillFetching(this IServiceCollection services)
    {
        services.AddSingleton<BillSourceResource>().AddSingleton<CostPages>().AddSingleton<BillFetchBook>();
        return services.AddSingleton<BillFetcher>().AddHostedService(s => s.GetRequiredService<BillFetcher>());
    }

    public static void MapBillSources(this RouteGroupBuilder api, BillSourceResource sources)
    {
        api.MapResource(sources, "Reconciliation").MapPost("/{id}/fetch", FetchAsync)
            .WithName("fetchBill")
            .WithSummary("Fetches a bill at once and imports it in place of what was known of its days.")
            .WithDescription($"Without `from` and `to` the days that the schedule takes; at most {CostRequests.MostDays}. What went wrong at the provider is in the answer.")
            .Accepts<BillFetchRequest>("application/json")
            .Produces<BillFetchResult>().Refuses(400, 404, 413)
            .Access(EntryKinds.BillSource, AccessAction.Run);
        api.MapGet("/reconciliation/fetches", async (ConfigStore store, BillFetchBook book, HttpContext context) =>
            {
                var state = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
                var known = await book.ReadAsync(context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new BillFetchList { Items = [.. state.BillSources.Select(s => View(s.Value.Value, known.GetValueOrDefault(s.Key)))] }, BillSourceJson.Default.BillFetchList);
            })
            .WithTags("Reconciliation")
            .WithName("listBillFetches")
            .WithSummary("What the last fetch of each bill source came to, and when the next one is.")
            .Produces<BillFetchList>().Refuses()
            .Access("reconciliation", AccessAction.List);
    }

    private static async Task<IResult> FetchAsync(HttpContext context, ConfigStore store, BillFetcher fetcher, string id)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        if (!(await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)).BillSources.TryGetValue(id, out var source))
        {
            return Problem.NotFound(EntryKinds.BillSource, id).ToResult();
        }

        var reader = new ObjectReader(body, "", new FieldErrors());
        var (from, to) = (ReconciliationEndpoints.Day(reader.Text("from", required: false, 10), "from", reader.Errors), ReconciliationEndpoints.Day(reader.Text("to", required: false, 10), "to", reader.Errors));
        reader.Close();
        if (from is not null || to is not null)
        {
            ReconciliationEndpoints.CheckDays(from, to, CostRequests.MostDays, reader.Errors);
        }

        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        var (first, past) = from is null ? fetcher.Days(source.Value) : (from.Value, to!.Value);
        var (import, problem) = await fetcher.FetchAsync(source.Value, source.Version, first, past, context.RequestAborted).ConfigureAwait(false);
        if (import is not null)
        {
            AuditTrail.Mark(context);
        }

        return Results.Json(new BillFetchResult { Import = import is null ? null : ReconciliationEndpoints.View(import, null), Problem = problem }, BillSourceJson.Default.BillFetchResult);
    }

    private static BillFetchView View(BillSourceEntry source, BillFetchRow? row) => new()
    {
        Source = source.Id,
        FetchedAt = row is { FetchedAt: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(row.FetchedAt) : null,
        Import = row is { ImportId.Length: > 0 } ? row.ImportId : null,
        Failures = (int)(row?.Failures ?? 0),
        Problem = row is { Problem.Length: > 0 } ? row.Problem : null,
        NextAt = !source.Enabled ? null : row is { NextAt: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(row.NextAt) : null,
    };
}
