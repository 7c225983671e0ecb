namespace Gateway.Edge.Routing.Health;

/// <summary>Bounds the calls under way at one provider, so that a stuck one cannot hold what all others need.</summary>
internal sealed class Bulkhead(int limit) : SemaphoreSlim(limit, limit)
{
    public int Limit { get; } = limit;

    /// <summary>Takes a place, if one becomes free in time.</summary>
    public ValueTask<bool> EnterAsync(int waitMs, CancellationToken cancelled) =>
        Wait(0, CancellationToken.None) ? new(true) : waitMs == 0 ? new(false) : WaitInLineAsync(waitMs, cancelled);

    public void Exit() => Release();

    private async ValueTask<bool> WaitInLineAsync(int waitMs, CancellationToken cancelled)
    {
        try
        {
            return await WaitAsync(waitMs, cancelled).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
