using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.RequestLog.Search;
using Gateway.Governance.Usage;

namespace Gateway.Governance.RequestLog.Tail;

/// <summary>Requests as they end, as server-sent events.</summary>
internal static class TailEndpoint
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    public static void MapTail(this RouteGroupBuilder group)
        => group.MapGet("/tail", TailAsync)
            .WithName("tailLogs")
            .WithSummary("Requests as they end, as server-sent events.")
            .WithDescription(
                "The filters are those of the list but time and text. Events: `request` with an item of the list as its data, `left-out` with the number of requests that came faster than they were read. "
                + $"Ends after {Longest.TotalMinutes:0} minutes: connect again. Up to {LogTail.MostWatchers} at once. Of several governances each tells of what edges hand in to it.")
            .Produces<LogItem>(200, "text/event-stream").Refuses(400, 429)
            .Access("log", AccessAction.List).FiltersByReach();

    private static async Task<IResult> TailAsync(HttpContext context, LogTail tail, ConfigStore store, UsageReach reach, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        var reader = new QueryReader(context.Request.Query);
        var filter = reader.Filter(null, null);
        reader.Close();
        if (reader.Errors.Any)
        {
            return Problem.Invalid(reader.Errors.All).ToResult();
        }

        var (own, outside) = reach.Limit(filter, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false));
        if (outside is not null)
        {
            return outside.ToResult();
        }

        using var watcher = tail.Watch(own);
        if (watcher is null)
        {
            return new Problem { Status = 429, Title = "There are too many already.", Code = "too_many", Detail = $"{LogTail.MostWatchers} calls watch the request log already; close one of them." }.ToResult();
        }

        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["x-accel-buffering"] = "no";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var limit = new CancellationTokenSource(Longest, time);
        using var over = limit.Token.Register(end.Cancel);
        try
        {
            await RelayAsync(context.Response, watcher, store, time, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Gone, or long enough.
        }

        return Results.Empty;
    }

    private static async Task RelayAsync(HttpResponse response, LogTail.Watcher watcher, ConfigStore store, TimeProvider time, CancellationToken cancellation)
    {
        await WriteAsync(response, ": watching\n\n", cancellation).ConfigureAwait(false);
        var text = new StringBuilder();
        var more = watcher.Records.WaitToReadAsync(cancellation).AsTask();
        while (true)
        {
            using var beat = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var silence = Task.Delay(Heartbeat, time, beat.Token);
            if (await Task.WhenAny(more, silence).ConfigureAwait(false) != more)
            {
                await silence.ConfigureAwait(false);
                await WriteAsync(response, ": still here\n\n", cancellation).ConfigureAwait(false);
                continue;
            }

            await beat.CancelAsync().ConfigureAwait(false);
            if (!await more.ConfigureAwait(false))
            {
                return;
            }

            text.Clear();
            for (var i = 0; i < 100 && watcher.Records.TryRead(out var record); i++)
            {
                var item = new LogItem { Id = record.Record.Id, StartedAt = UsageViews.View("", record.Record).StartedAt, Record = UsageViews.View(record.EdgeId, record.Record) }.Named(store.Latest);
                text.Append("event: request\nid: ").Append(record.Record.Id).Append("\ndata: ").Append(JsonSerializer.Serialize(item, LogJson.Default.LogItem)).Append("\n\n");
            }

            if (watcher.TakeLeft() is > 0 and var left)
            {
                text.Append(CultureInfo.InvariantCulture, $"event: left-out\ndata: {left}\n\n");
            }

            await WriteAsync(response, text.ToString(), cancellation).ConfigureAwait(false);
            more = watcher.Records.WaitToReadAsync(cancellation).AsTask();
        }
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellation)
    {
        await response.WriteAsync(text, cancellation).ConfigureAwait(false);
        await response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
