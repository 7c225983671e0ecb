using System.Globalization;

namespace Gateway.AppHost.Local.Processes;

/// <summary>A process that is kept running.</summary>
internal sealed record SupervisedProcess
{
    /// <summary>Name on the console and of the log file.</summary>
    public required string Name { get; init; }

    /// <summary>What to run, the same at every restart, so that addresses stay.</summary>
    public required ChildCommand Command { get; init; }

    /// <summary>Whether it serves.</summary>
    public required Func<CancellationToken, Task<bool>> Probe { get; init; }

    /// <summary>How long it may take until it serves.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often it may end before it ever served until the start counts as failed.</summary>
    public int StartAttempts { get; init; } = 3;
}

/// <summary>What is needed to start children.</summary>
/// <param name="Watchdog">Ends them if this process dies.</param>
/// <param name="Pids">Notes them for the next start.</param>
/// <param name="Report">Tells the user one line.</param>
/// <param name="Time">The clock of the backoff.</param>
internal sealed record SupervisorServices(IWatchdog Watchdog, PidFile Pids, Action<string> Report, TimeProvider Time);

/// <summary>Starts a process, watches it, and starts it again with backoff when it ends by itself.</summary>
internal sealed class Supervisor : IDisposable
{
    private static readonly TimeSpan _probeInterval = TimeSpan.FromMilliseconds(50);
    private readonly SupervisedProcess _spec;
    private readonly SupervisorServices _services;
    private readonly ServiceLog _log;
    private readonly Backoff _backoff;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<string?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ChildProcess? _child;
    private Task _run = Task.CompletedTask;

    /// <summary>Prepares it; nothing runs yet.</summary>
    public Supervisor(SupervisedProcess spec, SupervisorServices services, ServiceLog log)
    {
        (_spec, _services, _log) = (spec, services, log);
        _backoff = new Backoff(services.Time);
    }

    /// <summary>Raised when the process became ready again after a crash, or crashed.</summary>
    public event Action? Changed;

    /// <summary>Name on the console.</summary>
    public string Name => _spec.Name;

    /// <summary>Null once it served for the first time; otherwise why it could not be started.</summary>
    public Task<string?> Started => _started.Task;

    /// <summary>Id of the process, or null while there is none.</summary>
    public int? ProcessId { get; private set; }

    /// <summary>How often it was started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>Starts it and keeps it running until <see cref="StopAsync"/>.</summary>
    public void Start() => _run = RunAsync();

    /// <summary>From now on an end is an end: it is not started again.</summary>
    public void StopRestarting()
    {
        lock (_gate)
        {
            _stopping.Cancel();
        }
    }

    /// <summary>Asks it to stop and waits, at most <paramref name="limit"/>. False when it still runs.</summary>
    public async Task<bool> StopAsync(TimeSpan limit)
    {
        ChildProcess? child;
        lock (_gate)
        {
            child = _child;
            _stopping.Cancel();
        }

        child?.Send(_spec.Command.StopSignal);
        return child is null || await child.WaitForExitAsync(limit).ConfigureAwait(false);
    }

    /// <summary>Ends it at once.</summary>
    public async Task KillAsync()
    {
        ChildProcess? child;
        lock (_gate)
        {
            child = _child;
            _stopping.Cancel();
        }

        child?.Send(Signal.Kill);
        await _run.WaitAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _child?.Dispose();
        _stopping.Dispose();
        _log.Dispose();
    }

    private async Task RunAsync()
    {
        // Owned by Started and StopAsync; it ends with a value in Started whatever happens.
        try
        {
            for (var attempt = 1; Launch() is { } child; attempt++)
            {
                using (child)
                {
                    var ready = await WaitUntilReadyAsync(child).ConfigureAwait(false);
                    var late = !ready && !child.Exited.IsCompleted && !_stopping.IsCancellationRequested;
                    if (ready)
                    {
                        Ready();
                    }
                    else if (late)
                    {
                        child.Send(Signal.Kill);
                    }

                    var code = await child.Exited.ConfigureAwait(false);
                    ProcessId = null;
                    if (_stopping.IsCancellationRequested)
                    {
                        break;
                    }

                    var what = late ? $"did not get ready within {_spec.StartLimit.TotalSeconds:0} s" : string.Create(CultureInfo.InvariantCulture, $"stopped with exit code {code}");
                    if (!_started.Task.IsCompleted && attempt >= _spec.StartAttempts)
                    {
                        _started.TrySetResult($"{_spec.Name} {what}.{_log.Tail()}");
                        return;
                    }

                    await PauseAsync(what).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e)
        {
            _started.TrySetResult($"{_spec.Name} could not be started: {e.Message}");
            _services.Report($"{_spec.Name} is no longer supervised: {e.Message}");
        }
        finally
        {
            ProcessId = null;
            _started.TrySetResult($"{_spec.Name} was stopped while it started.");
        }
    }

    private ChildProcess? Launch()
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return null;
            }

            _child = ChildProcess.Start(_spec.Command, _services.Watchdog, _services.Pids, _log.Write);
            ProcessId = _child.Id;
            return _child;
        }
    }

    private void Ready()
    {
        _backoff.Healthy();
        if (!_started.TrySetResult(null))
        {
            Restarts++;
            _services.Report($"{_spec.Name} is back.");
            Changed?.Invoke();
        }
    }

    private async Task PauseAsync(string what)
    {
        var wait = _backoff.Next();
        _services.Report(string.Create(CultureInfo.InvariantCulture, $"{_spec.Name} {what}; starting it again in {wait.TotalSeconds:0.#} s.{_log.Unseen()}"));
        Changed?.Invoke();
        await Task.Delay(wait, _services.Time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> WaitUntilReadyAsync(ChildProcess child)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        limit.CancelAfter(_spec.StartLimit);
        while (!child.Exited.IsCompleted && !limit.IsCancellationRequested)
        {
            try
            {
                if (await _spec.Probe(limit.Token).ConfigureAwait(false))
                {
                    return !child.Exited.IsCompleted;
                }
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                return false;
            }

            await Task.WhenAny(child.Exited, Task.Delay(_probeInterval, limit.Token)).ConfigureAwait(false);
        }

        return false;
    }
}
