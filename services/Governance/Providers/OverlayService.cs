using Gateway.Governance.Bootstrap;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Providers;

/// <summary>Holds the <see cref="Overlay"/> and keeps it up to date: once at start, then every 30 s for sources that can change.</summary>
internal sealed partial class OverlayService(
    IEnumerable<IProviderDetection> detections, ConfigStore store, StoreGate gate, TimeProvider time, ILogger<OverlayService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly IProviderDetection[] _detections = [.. detections];
    private readonly Dictionary<IProviderDetection, DetectedEntries> _found = [];
    private volatile Overlay _current = Overlay.Merge([]);

    public Overlay Current => _current;

    /// <summary>Asks the sources that cannot change, so that the first snapshot holds them.</summary>
    public async Task StartDetectionAsync(CancellationToken cancellation)
    {
        foreach (var detection in _detections.Where(d => !d.Repeats))
        {
            await DetectAsync(detection, cancellation).ConfigureAwait(false);
        }

        Merge();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            var changed = false;
            foreach (var detection in _detections.Where(d => d.Repeats))
            {
                changed |= await DetectAsync(detection, stoppingToken).ConfigureAwait(false);
            }

            if (changed)
            {
                Merge();
                await AnnounceAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task<bool> DetectAsync(IProviderDetection detection, CancellationToken cancellation)
    {
        var before = _found.GetValueOrDefault(detection, DetectedEntries.None);
        DetectedEntries after;
        try
        {
            after = await detection.DetectAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // Detection is a convenience: the service outlives any fault in it, and keeps what was found before.
            LogFailed(logger, detection.Source, fault);
            return false;
        }

        _found[detection] = after;
        var changed = !before.Matches(after);
        if (changed)
        {
            LogFound(logger, detection.Source, string.Join(", ", after.Providers.Select(p => p.Id)), after.Routes.Count);
        }

        return changed;
    }

    private void Merge() => _current = Overlay.Merge(_detections.Select(d => (d.Source, _found.GetValueOrDefault(d, DetectedEntries.None))));

    private async Task AnnounceAsync(CancellationToken cancellation)
    {
        try
        {
            await store.TouchAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The edges learn of it with the next change that can be written.
            LogFailed(logger, "store", fault);
        }
    }

    [LoggerMessage(LogLevel.Information, "Providers from {Source}: [{Providers}], {Routes} model routes.")]
    private static partial void LogFound(ILogger logger, string source, string providers, int routes);

    [LoggerMessage(LogLevel.Warning, "Looking for providers in {Source} failed; what was found before stays.")]
    private static partial void LogFailed(ILogger logger, string source, Exception fault);
}
