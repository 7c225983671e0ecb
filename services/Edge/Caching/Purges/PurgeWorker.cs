using Gateway.Edge.Caching.Semantic;
using Gateway.Edge.Caching.Shared;

namespace Gateway.Edge.Caching.Purges;

/// <summary>Makes purges in Redis and in the cache service, again and again until each has answered. This edge's own memory needs no worker.</summary>
internal sealed partial class PurgeWorker(PurgeBook purges, SharedAnswers shared, SemanticAnswers semantic, TimeProvider time, ILogger<PurgeWorker> logger) : BackgroundService
{
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await PurgeAsync(stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Purges stay in the configuration: they are made after the next start.
        }
    }

    private async Task PurgeAsync(CancellationToken stop)
    {
        await foreach (var order in purges.News.ReadAllAsync(stop).ConfigureAwait(false))
        {
            await Task.WhenAll(
                UntilDoneAsync("Redis", order, shared.PurgeAsync, stop),
                UntilDoneAsync("the cache service", order, semantic.PurgeAsync, stop)).ConfigureAwait(false);
        }
    }

    private async Task UntilDoneAsync(string where, PurgeOrder order, Func<PurgeOrder, CancellationToken, Task<bool>> make, CancellationToken stop)
    {
        for (var wait = _first; !await make(order, stop).ConfigureAwait(false); wait = wait * 2 < _longest ? wait * 2 : _longest)
        {
            LogWaits(order.Purge.Id, where);
            await Task.Delay(wait, time, stop).ConfigureAwait(false);
        }
    }

    [LoggerMessage(LogLevel.Warning, "purge {Id} could not be made in {Where} yet; answers that it concerns are not given meanwhile")]
    private partial void LogWaits(string id, string where);
}
