using System.Diagnostics;
using System.Globalization;

namespace Gateway.AppHost.Local.Processes;

/// <summary>
/// A small shell process in a session of its own, which learns of this process's death by the end of its input.
/// A parent-death signal would be simpler, but it follows the thread that forked, which the thread pool may end any time,
/// and Redis and Postgres do not watch their input.
/// </summary>
internal sealed class ShellWatchdog : IWatchdog
{
    private static readonly string _script = ReadScript();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Signal> _children = [];
    private Process _process;
    private bool _done;

    /// <summary>Starts the shell.</summary>
    public ShellWatchdog() => _process = StartShell();

    /// <summary>Id of the shell.</summary>
    public int ProcessId
    {
        get
        {
            lock (_gate)
            {
                return _process.Id;
            }
        }
    }

    /// <inheritdoc/>
    public void Add(Process process, Signal signal)
    {
        lock (_gate)
        {
            _children[process.Id] = signal;
            Tell(Line(process.Id, signal));
        }
    }

    /// <inheritdoc/>
    public void Remove(int processId)
    {
        lock (_gate)
        {
            if (_children.Remove(processId))
            {
                Tell(string.Create(CultureInfo.InvariantCulture, $"- {processId}\n"));
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _done = true;
            // The end of its input: it ends what should still be there, which is nothing after a stop in good order.
            _process.StandardInput.Close();
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _process.Dispose();
    }

    private static string Line(int processId, Signal signal) => string.Create(CultureInfo.InvariantCulture, $"+ {processId} {(int)signal}\n");

    private static string ReadScript()
    {
        using var reader = new StreamReader(typeof(ShellWatchdog).Assembly.GetManifestResourceStream("watchdog.sh")!);
        return reader.ReadToEnd();
    }

    private Process StartShell()
    {
        var start = new ProcessStartInfo { RedirectStandardInput = true, UseShellExecute = false };
        string[] command = [.. Programs.NewSession(), "/bin/sh", "-c", _script];
        start.FileName = command[0];
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => Replace(process);
        return process;
    }

    // Someone killed the watchdog: the children must not be without one.
    private void Replace(Process dead)
    {
        lock (_gate)
        {
            if (_done || dead != _process)
            {
                return;
            }

            dead.Dispose();
            _process = StartShell();
            foreach (var (id, signal) in _children)
            {
                Tell(Line(id, signal));
            }
        }
    }

    private void Tell(string line)
    {
        try
        {
            _process.StandardInput.Write(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has just died; Replace tells its successor everything.
        }
    }
}
