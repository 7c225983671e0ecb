using System.Diagnostics;

namespace Gateway.AppHost.Local.Processes;

/// <summary>A running child process: its output line by line, its end, and ways to end it.</summary>
internal sealed class ChildProcess : IDisposable
{
    // The child waits for a line before it turns into the program, so the watchdog knows it before it can do anything.
    private const string Gate = "read -r _ || exit 1; exec \"$@\"";
    private readonly Process _process;

    private ChildProcess(Process process, Task<int> exited)
    {
        _process = process;
        Id = process.Id;
        Exited = exited;
    }

    /// <summary>Process id, the same through all of the child's life.</summary>
    public int Id { get; }

    /// <summary>Ends with the exit code once the process ended and its output was read; 128 + n after signal n.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a child.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="watchdog">Who ends it if this process dies.</param>
    /// <param name="pids">Where its id is noted for the next start.</param>
    /// <param name="onLine">Gets each line of its output, and whether it came on standard error; calls do not overlap per stream.</param>
    public static ChildProcess Start(ChildCommand command, IWatchdog watchdog, PidFile pids, Action<string, bool> onLine)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = command.WorkingDirectory ?? string.Empty,
        };
        var gate = OperatingSystem.IsWindows() ? [] : new[] { "/bin/sh", "-c", Gate, "sh" };
        string[] line = [.. gate, .. OperatingSystem.IsWindows() ? [] : Programs.NewSession(), .. command.Prefix, command.File, .. command.Arguments];
        start.FileName = line[0];
        foreach (var argument in line[1..])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in command.Environment)
        {
            if (value is null)
            {
                start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        var process = Process.Start(start)!;
        try
        {
            watchdog.Add(process, command.StopSignal);
            pids.Add(process);
            process.StandardInput.Write((gate.Length > 0 ? "\n" : string.Empty) + command.Input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended already; its exit code tells.
        }

        return new ChildProcess(process, WaitAsync(process, watchdog, pids, onLine));
    }

    /// <summary>Sends a signal, if it still runs. On Windows everything but <see cref="Signal.None"/> ends it at once.</summary>
    public void Send(Signal signal)
    {
        if (Exited.IsCompleted || signal == Signal.None)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
        }
        else if (signal == Signal.Kill)
        {
            _ = NativeMethods.Kill(-Id, (int)signal);
            _ = NativeMethods.Kill(Id, (int)signal);
        }
        else
        {
            _ = NativeMethods.Kill(Id, (int)signal);
        }
    }

    /// <summary>Waits for the end, at most <paramref name="limit"/>; false when it still runs then.</summary>
    public async Task<bool> WaitForExitAsync(TimeSpan limit)
    {
        try
        {
            await Exited.WaitAsync(limit).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private static async Task<int> WaitAsync(Process process, IWatchdog watchdog, PidFile pids, Action<string, bool> onLine)
    {
        var output = Task.WhenAll(ReadAsync(process.StandardOutput, false, onLine), ReadAsync(process.StandardError, true, onLine));
        await process.WaitForExitAsync().ConfigureAwait(false);
        watchdog.Remove(process.Id);
        pids.Remove(process.Id);
        // A grandchild may hold the pipes open; what it writes later is nobody's.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromMilliseconds(500))).ConfigureAwait(false);
        return process.ExitCode;
    }

    private static async Task ReadAsync(StreamReader reader, bool isError, Action<string, bool> onLine)
    {
        try
        {
            while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                onLine(line, isError);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The pipe went away with the process.
        }
    }
}
