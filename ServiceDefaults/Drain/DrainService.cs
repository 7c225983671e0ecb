using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.ServiceDefaults.Drain;

/// <summary>
/// The graceful stop. The host calls in this order: <see cref="StoppingAsync"/> here; the server, which closes its port
/// and waits for running requests; the service's own hosted services; last <see cref="StopAsync"/> here.
/// </summary>
internal sealed partial class DrainService : IDrain, IHostedLifecycleService, IDisposable
{
    private readonly DrainOptions options;
    private readonly IServiceProvider services;
    private readonly TimeProvider time;
    private readonly ILogger<DrainService> log;
    private readonly CancellationTokenSource started = new();
    private readonly CancellationTokenSource deadline = new();
    private readonly CancellationTokenRegistration stopping;
    private ITimer? deadlineTimer;
    private int draining;

    public DrainService(DrainOptions options, IServiceProvider services, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DrainService> log)
    {
        this.options = options;
        this.services = services;
        this.time = time;
        this.log = log;

        // SIGTERM raises this before the host begins to stop its services; StopAsync called by code raises it after.
        stopping = lifetime.ApplicationStopping.UnsafeRegister(static self => ((DrainService)self!).Begin(), this);
    }

    public bool IsDraining => Volatile.Read(ref draining) != 0;

    public CancellationToken Started => started.Token;

    public CancellationToken Deadline => deadline.Token;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Begin();
        if (options.Delay > TimeSpan.Zero)
        {
            await Task.Delay(options.Delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        deadlineTimer = time.CreateTimer(static self => ((DrainService)self!).OnDeadline(), this, options.Requests, Timeout.InfiniteTimeSpan);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Whatever still runs after the server has stopped runs on its own: tell it, so that its records are complete.
        await deadline.CancelAsync().ConfigureAwait(false);

        // The host's token may be used up by slow streams already; flushing has a time of its own.
        using var limit = new CancellationTokenSource(options.Flush, time);
        var flushes = services.GetServices<IDrainParticipant>().Select(p => FlushAsync(p, limit.Token));
        await Task.WhenAll(flushes).ConfigureAwait(false);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        stopping.Dispose();
        deadlineTimer?.Dispose();
        started.Dispose();
        deadline.Dispose();
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref draining, 1) == 0)
        {
            Draining(options.Requests.TotalSeconds);
            started.Cancel();
        }
    }

    private void OnDeadline()
    {
        try
        {
            deadline.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The timer lost the race against the end of the process: nothing is left to tell.
        }
    }

    private async Task FlushAsync(IDrainParticipant participant, CancellationToken limit)
    {
        var start = time.GetTimestamp();
        try
        {
            await participant.FlushAsync(limit).WaitAsync(limit).ConfigureAwait(false);
            Flushed(participant.Name, (long)time.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            FlushTimedOut(participant.Name, options.Flush.TotalSeconds);
        }
        catch (Exception e)
        {
            // One participant's fault must not cost the others their flush.
            FlushFailed(e, participant.Name);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Stopping: no new requests; running ones have {Seconds} s")]
    private partial void Draining(double seconds);

    [LoggerMessage(2, LogLevel.Debug, "Flushed {Participant} in {Milliseconds} ms")]
    private partial void Flushed(string participant, long milliseconds);

    [LoggerMessage(3, LogLevel.Error, "{Participant} did not flush within {Seconds} s; what it held in memory may be lost")]
    private partial void FlushTimedOut(string participant, double seconds);

    [LoggerMessage(4, LogLevel.Error, "{Participant} failed to flush")]
    private partial void FlushFailed(Exception exception, string participant);
}
