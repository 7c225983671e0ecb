namespace Gateway.Edge.Routing.Health;

/// <summary>Bounds the calls under way at one provider, so that a stuck one cannot hold what all others need.</summary>
internal sealed class Bulkhead(int limit)
{
    private readonly SemaphoreSlim _room = new(limit, limit);

    public int Limit { get; } = limit;

    public int InUse => Limit - _room.CurrentCount;

    /// <summary>Takes a place, if one becomes free in time.</summary>
    public ValueTask<bool> EnterAsync(int waitMs, CancellationToken cancelled) =>
        _room.Wait(0, CancellationToken.None) ? new(true) : waitMs == 0 ? new(false) : WaitAsync(waitMs, cancelled);

    public void Exit() => _room.Release();

    private async ValueTask<bool> WaitAsync(int waitMs, CancellationToken cancelled)
    {
        try
        {
            return await _room.WaitAsync(waitMs, cancelled).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
