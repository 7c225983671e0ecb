namespace Gateway.Edge.Routing;

/// <summary>A call under way, as its target counts it: from before it is sent until its last byte.</summary>
internal sealed class TargetLease : IDisposable
{
    private readonly TargetRuntime _target;
    private readonly bool _probe;
    private bool _ended;

    private TargetLease(TargetRuntime target, bool probe) => (_target, _probe) = (target, probe);

    /// <summary>Takes a place at the target's provider, or says why there is none.</summary>
    public static async ValueTask<(TargetLease? Lease, string? Reason)> TakeAsync(TargetRuntime target, int waitMs, CancellationToken cancelled)
    {
        if (target.Bulkhead is { } bulkhead && !await bulkhead.EnterAsync(waitMs, cancelled).ConfigureAwait(false))
        {
            return (null, $"its provider has all {bulkhead.Limit} calls under way");
        }

        if (target.Health.TryBegin(out var probe))
        {
            return (new TargetLease(target, probe), null);
        }

        target.Bulkhead?.Exit();
        return (null, target.Health.Unavailable(out _) ?? "it is being tried again by another request");
    }

    public void Succeeded(double milliseconds, bool streamed) => _target.Health.Succeeded(milliseconds, streamed, _probe);

    public void Failed(string reason, TimeSpan? wait) => _target.Health.Failed(reason, wait, _probe);

    public void Dispose()
    {
        if (!_ended)
        {
            _ended = true;
            _target.Health.End(_probe);
            _target.Bulkhead?.Exit();
        }
    }
}
