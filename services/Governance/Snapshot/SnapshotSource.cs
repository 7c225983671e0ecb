using System.Text.Json;
using Gateway.Contracts;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Snapshot;

/// <summary>A snapshot as it goes over the wire.</summary>
internal sealed record SnapshotBytes(long Version, ReadOnlyMemory<byte> Utf8, IReadOnlyList<string> Faults);

/// <summary>Builds the snapshot once per version, however many edges ask.</summary>
internal sealed partial class SnapshotSource(ConfigStore store, OverlayService overlay, SnapshotBuilder builder, SecretBook secrets, ILogger<SnapshotSource> logger) : IDisposable
{
    private readonly SemaphoreSlim _building = new(1, 1);
    private volatile SnapshotBytes? _built;

    /// <summary>Version of the newest configuration this instance knows.</summary>
    public long Version => store.Latest.Version;

    /// <summary>The newest snapshot.</summary>
    public async Task<SnapshotBytes> LatestAsync(CancellationToken cancellation)
    {
        if (_built is { } built && built.Version >= Version)
        {
            return built;
        }

        await _building.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var state = store.Latest;
            if (_built is { } other && other.Version >= state.Version)
            {
                return other;
            }

            await secrets.EnsureAsync(SecretReferences.Of(state), cancellation).ConfigureAwait(false);
            var (snapshot, faults) = builder.Build(new EffectiveConfig(state, overlay.Current));
            foreach (var fault in faults.Except(_built?.Faults ?? [], StringComparer.Ordinal))
            {
                LogFault(logger, fault);
            }

            return _built = new SnapshotBytes(snapshot.Version, JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Default.GatewaySnapshot), faults);
        }
        finally
        {
            _building.Release();
        }
    }

    public void Dispose() => _building.Dispose();

    [LoggerMessage(LogLevel.Warning, "Left out of the snapshot: {Fault}")]
    private static partial void LogFault(ILogger logger, string fault);
}
