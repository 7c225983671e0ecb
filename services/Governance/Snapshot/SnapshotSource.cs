using Gateway.Contracts.Snapshots;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;
using Gateway.Governance.Secrets;

namespace Gateway.Governance.Snapshot;

/// <summary>Builds the snapshot once per version, however many edges ask, and remembers the last ones, so that edges can be given differences.</summary>
internal sealed partial class SnapshotSource(ConfigStore store, OverlayService overlay, SnapshotBuilder builder, SecretBook secrets, ILogger<SnapshotSource> logger) : IDisposable
{
    // They share what did not change: one costs some lists of references.
    private const int MostRemembered = 32;

    private readonly SemaphoreSlim _building = new(1, 1);
    private volatile SnapshotAnswer? _built;
    private SnapshotImage[] _earlier = [];

    /// <summary>Version of the newest configuration this instance knows.</summary>
    public long Version => store.Latest.Version;

    /// <summary>The newest snapshot.</summary>
    public async Task<SnapshotAnswer> LatestAsync(CancellationToken cancellation)
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

            // What cannot work is left out before anything is compared: a whole snapshot and a difference never disagree about it.
            var (snapshot, faults) = builder.Build(new EffectiveConfig(state, overlay.Current));
            foreach (var fault in faults.Except(_built?.Faults ?? [], StringComparer.Ordinal))
            {
                LogFault(logger, fault);
            }

            if (_built is { } last)
            {
                _earlier = [last.Image, .. _earlier.Take(MostRemembered - 1)];
            }

            return _built = new SnapshotAnswer((_built?.Image ?? SnapshotImage.Empty).With(snapshot), faults, _earlier);
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
