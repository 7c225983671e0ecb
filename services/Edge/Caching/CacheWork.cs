using System.Threading.Channels;

namespace Gateway.Edge.Caching;

/// <summary>
/// What the cache does when the answer is already on its way: a bounded queue with a few workers, owned by the host. What does not fit is left out and counted; nobody waits for it.
/// </summary>
internal sealed partial class CacheWork(CacheMetrics metrics, ILogger<CacheWork> logger) : BackgroundService
{
    private const int MostWaiting = 1_024;
    private const int Workers = 4;

    private readonly Channel<Func<CancellationToken, Task>> _queue = Channel.CreateBounded<Func<CancellationToken, Task>>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.Wait });
    private int _busy;

    /// <summary>True when there is nothing to do.</summary>
    public bool IsIdle => _queue.Reader.Count == 0 && Volatile.Read(ref _busy) == 0;

    /// <summary>True when nothing more is taken at the moment.</summary>
    public bool IsFull => _queue.Reader.Count >= MostWaiting;

    /// <summary>Takes something to do; false when there is too much already.</summary>
    public bool TryAdd(Func<CancellationToken, Task> work)
    {
        if (_queue.Writer.TryWrite(work))
        {
            return true;
        }

        metrics.CountOverflow("queue");
        return false;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => RunAsync(stoppingToken)));

    private async Task RunAsync(CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
            {
                Interlocked.Increment(ref _busy);
                try
                {
                    while (_queue.Reader.TryRead(out var work))
                    {
                        await DoAsync(work, stop).ConfigureAwait(false);
                    }
                }
                finally
                {
                    Interlocked.Decrement(ref _busy);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; what was not stored is not missed.
        }
    }

    private async Task DoAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        try
        {
            await work(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(LogLevel.Error, "work of the cache failed; the request it was for is not concerned")]
    private partial void LogFailed(Exception exception);
}
