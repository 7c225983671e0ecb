namespace Gateway.Governance.Bootstrap;

/// <summary>Closed until the schema is in place, the first keys exist and the configuration is loaded.</summary>
internal sealed class StoreGate
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => _open.Task.IsCompletedSuccessfully;

    public Task OpenedAsync(CancellationToken cancellation) => _open.Task.WaitAsync(cancellation);

    public void Open() => _open.TrySetResult();
}
