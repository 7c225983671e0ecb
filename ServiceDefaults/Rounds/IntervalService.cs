using Microsoft.Extensions.Hosting;

namespace Gateway.ServiceDefaults.Rounds;

/// <summary>Work that is done again and again. A round that fails ends nothing: the next one comes at its time.</summary>
public abstract class IntervalService : BackgroundService
{
    private readonly TimeSpan interval;
    private readonly bool atOnce;

    /// <summary>Makes the service.</summary>
    /// <param name="interval">From one round to the next; more than zero.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="atOnce">True: the first round comes at once; false: after the interval.</param>
    protected IntervalService(TimeSpan interval, TimeProvider time, bool atOnce = false)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        (this.interval, Time, this.atOnce) = (interval, time, atOnce);
    }

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; }

    /// <summary>What comes before the first round.</summary>
    /// <param name="cancellation">Cancelled when the service stops.</param>
    protected virtual Task BeforeAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>One round.</summary>
    /// <param name="cancellation">Cancelled when the service stops.</param>
    protected abstract Task RoundAsync(CancellationToken cancellation);

    /// <summary>A round failed; whoever logs it says it once where rounds are frequent.</summary>
    /// <param name="fault">How.</param>
    /// <param name="again">Whether the round before failed too.</param>
    protected abstract void Failed(Exception fault, bool again);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await BeforeAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(interval, Time);
        var failing = false;
        var due = atOnce;
        while (due || await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            due = false;
            try
            {
                await RoundAsync(stoppingToken).ConfigureAwait(false);
                failing = false;
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(fault, failing);
                failing = true;
            }
        }
    }
}
