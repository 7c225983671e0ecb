using System.Runtime.InteropServices;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Hosting;

/// <summary>Why this process should stop: Ctrl-C, SIGTERM, a closed terminal, or the end of the process that started it.</summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan _parentInterval = TimeSpan.FromMilliseconds(500);
    // "dotnet run" passes on a SIGTERM that the terminal or a service manager has sent to this process as well.
    private static readonly TimeSpan _sameRequest = TimeSpan.FromMilliseconds(700);
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _first = new();
    private readonly CancellationTokenSource _second = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer? _parentTimer;
    private long? _asked;

    /// <summary>Listens from now on.</summary>
    /// <param name="exitWithParent">Whether the end of the parent process counts.</param>
    public StopSignals(bool exitWithParent)
    {
        _registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
                .Select(signal => PosixSignalRegistration.Create(signal, context =>
                {
                    context.Cancel = true;
                    Ask();
                })),
        ];
        if (exitWithParent && !OperatingSystem.IsWindows())
        {
            var parent = NativeMethods.ParentProcessId();
            _parentTimer = new Timer(
                _ =>
                {
                    if (NativeMethods.ParentProcessId() != parent)
                    {
                        Ask();
                    }
                },
                null,
                _parentInterval,
                _parentInterval);
        }
    }

    /// <summary>Asked to stop.</summary>
    public CancellationToken Stop => _first.Token;

    /// <summary>Asked a second time: at once.</summary>
    public CancellationToken Hurry => _second.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        _parentTimer?.Dispose();
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _first.Dispose();
        _second.Dispose();
    }

    private void Ask()
    {
        lock (_gate)
        {
            if (_asked is null)
            {
                _asked = TimeProvider.System.GetTimestamp();
                _first.Cancel();
            }
            else if (TimeProvider.System.GetElapsedTime(_asked.Value) > _sameRequest)
            {
                _second.Cancel();
            }
        }
    }
}
