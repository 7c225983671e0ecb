using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Settings;

namespace Gateway.Governance.Alerts;

/// <summary>Alerts and what their channels have besides the common operations.</summary>
internal static class AlertEndpoints
{
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddSingleton<AlertBook>().AddSingleton<AlertChannelResource>().AddSingleton<AlertSenders>().AddSingleton<SignalBook>();
        services.AddSingleton<SignalWatch>().AddHostedService(static s => s.GetRequiredService<SignalWatch>()).AddHostedService<OwnLogLevel>();
        return services.AddHostedService<AlertService>();
    }

    public static void MapAlerts(this RouteGroupBuilder api, AlertChannelResource channels)
    {
        api.MapResource(channels, "Alert channels").MapPost("/{id}/test", async (HttpContext context, ConfigStore store, AlertSenders senders, TimeProvider time, string id) =>
            {
                if (!(await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)).AlertChannels.TryGetValue(id, out var channel))
                {
                    return Problem.NotFound(EntryKinds.AlertChannel, id).ToResult();
                }

                var notice = new AlertNotice { Id = Keys.KeyMaterial.NewId("test"), Event = "test", At = time.GetUtcNow(), Alerts = [] };
                var error = await senders.SendAsync(channel.Value, notice, context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new AlertTestResult { Delivered = error is null, Error = error }, AlertJson.Default.AlertTestResult);
            })
            .WithName("testAlertChannel")
            .WithSummary("Sends a test message at once and tells what became of it.")
            .Produces<AlertTestResult>().Refuses(404)
            .Access(EntryKinds.AlertChannel, AccessAction.Run);

        api.MapGet("/alerts", async (HttpContext context, AlertBook book, ConfigStore store, int? limit) =>
            {
                if (Paging.Wrong(limit) is { } wrong)
                {
                    return wrong.ToResult();
                }

                var config = await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
                var items = await book.LatestAsync(config, limit ?? ResourceEndpoints.DefaultLimit, context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new BudgetAlertList { Items = items }, AlertJson.Default.BudgetAlertList);
            })
            .WithTags("Alert channels")
            .WithName("listAlerts")
            .WithSummary("The latest shares of budgets that were reached, each once in its window.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}.")
            .Produces<BudgetAlertList>().Refuses(400)
            .Access("alert", AccessAction.List);

        api.MapGet("/alerts/signals", async (HttpContext context, SignalBook book, int? limit) =>
            {
                if (Paging.Wrong(limit) is { } wrong)
                {
                    return wrong.ToResult();
                }

                var items = await book.LatestAsync(limit ?? ResourceEndpoints.DefaultLimit, context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new AlertSignalList { Items = items }, SignalJson.Default.AlertSignalList);
            })
            .WithTags("Alert channels")
            .WithName("listSignals")
            .WithSummary("What was noticed lately: providers that fail or are down, spend far above the usual, and what of it is over.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}.")
            .Produces<AlertSignalList>().Refuses(400)
            .Access("alert", AccessAction.List);
    }
}
