using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Credentials;

/// <summary>Seals anew what older keys of the ring seal: after a rotation, at start, and now and then, since another instance may have been cut off in the middle.</summary>
internal sealed partial class KeyRotationService(KeyRotation rotation, StoreGate gate, TimeProvider time, ILogger<KeyRotationService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        while (true)
        {
            await ResealAsync(stoppingToken).ConfigureAwait(false);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            var woken = rotation.Woken.ReadAsync(wait.Token).AsTask();
            await Task.WhenAny(woken, Task.Delay(Interval, time, wait.Token)).ConfigureAwait(false);
            await wait.CancelAsync().ConfigureAwait(false);
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    private async Task ResealAsync(CancellationToken cancellation)
    {
        try
        {
            var total = 0;
            while (await rotation.StepAsync(cancellation).ConfigureAwait(false) is > 0 and var done)
            {
                total += done;
            }

            if (total > 0)
            {
                LogDone(logger, total);
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // What was sealed anew stays so; the rest is taken up again.
            LogFailed(logger, fault);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} secrets were sealed anew by the current key of the key ring.")]
    private static partial void LogDone(ILogger logger, int count);

    [LoggerMessage(LogLevel.Warning, "Sealing secrets anew was cut off; it goes on later.")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
