using System.Data.Common;
using Gateway.Governance.Credentials;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;
using Gateway.Governance.Storage;
using Gateway.Governance.Storage.Migrations;

namespace Gateway.Governance.Bootstrap;

/// <summary>
/// Makes the service ready: schema, key ring, first keys, configuration. A store that does not answer yet is asked again; what only
/// the operator can mend ends the process with its reason.
/// </summary>
internal sealed partial class StartupService(
    Migrator migrator,
    StoreIdentity identity,
    KeyRing ring,
    FirstKeys firstKeys,
    OverlayService overlay,
    ConfigStore store,
    StoreGate gate,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<StartupService> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the host's start: the web server opens meanwhile and says 503 until the gate opens.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PrepareAsync(stoppingToken).ConfigureAwait(false);
                gate.Open();
                return;
            }
            catch (DbException fault)
            {
                LogRetry(logger, fault.Message);
                await Task.Delay(RetryAfter, time, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is StartupException or IOException or UnauthorizedAccessException)
            {
                LogFatal(logger, fault.Message);
                Environment.ExitCode = 1;
                lifetime.StopApplication();
                return;
            }
        }
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        await migrator.MigrateAsync(cancellation).ConfigureAwait(false);
        await identity.LoadAsync(cancellation).ConfigureAwait(false);
        await ring.LoadAsync(cancellation).ConfigureAwait(false);
        await overlay.StartDetectionAsync(cancellation).ConfigureAwait(false);

        // Always makes a new version: what the environment adds to the snapshot may differ from the last run's.
        await firstKeys.EnsureAsync(cancellation).ConfigureAwait(false);
        await store.CurrentAsync(cancellation).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Warning, "The store does not answer yet ({Reason}); trying again every second.")]
    private static partial void LogRetry(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Critical, "Governance cannot start: {Reason}")]
    private static partial void LogFatal(ILogger logger, string reason);
}
