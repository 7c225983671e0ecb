using Gateway.Contracts.Configuration;
using Gateway.Contracts.Snapshots;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Mcp.Alone;

/// <summary>What the hub is given of the file's configuration: the sections of its own and who calls, none of the providers' secrets and none of the keys' hashes.</summary>
internal sealed class HubConfiguration : IDisposable
{
    private readonly RuntimeHolder _runtime;
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SnapshotImage _image = SnapshotImage.Empty;

    public HubConfiguration(RuntimeHolder runtime)
    {
        _runtime = runtime;
        runtime.Changed += OnChanged;
        OnChanged();
    }

    /// <summary>The configuration as it is told, once it is a later one than given, or the time is up.</summary>
    /// <param name="after">The version that the hub has.</param>
    /// <param name="wait">How long to wait for another.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>Null when there is none.</returns>
    public async Task<SnapshotImage?> AfterAsync(long after, TimeSpan wait, CancellationToken cancellation)
    {
        Task next;
        lock (_gate)
        {
            if (_image.Version > after)
            {
                return _image;
            }

            next = _changed.Task;
        }

        if (wait > TimeSpan.Zero)
        {
            await next.WaitAsync(wait, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
        {
            return _image.Version > after ? _image : null;
        }
    }

    /// <summary>A server of the configuration in force; null for none.</summary>
    public McpServerEntry? Server(string id) => _runtime.Current?.KeyModel.Snapshot.McpServers.FirstOrDefault(s => s.Id == id);

    /// <summary>What was decided of a tool; null for nothing.</summary>
    public McpToolEntry? Decided(string id) => _runtime.Current?.KeyModel.Snapshot.McpTools.FirstOrDefault(t => t.Id == id);

    public void Dispose() => _runtime.Changed -= OnChanged;

    private void OnChanged()
    {
        lock (_gate)
        {
            if (_runtime.Current?.KeyModel.Snapshot is not { } whole || whole.Version == _image.Version)
            {
                return;
            }

            _image = SnapshotImage.Empty.With(new GatewaySnapshot
            {
                Version = whole.Version,
                Settings = whole.Settings,
                Customers = whole.Customers,
                Users = whole.Users,
                Teams = whole.Teams,
                Keys = [.. whole.Keys.Select(static k => k with { Sha256 = "", PreviousSha256 = null })],
                Guardrails = whole.Guardrails,
                McpServers = whole.McpServers,
                McpBundles = whole.McpBundles,
                McpPolicies = whole.McpPolicies,
                McpTools = whole.McpTools,
                McpCredentials = whole.McpCredentials,
            });
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
