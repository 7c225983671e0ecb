using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Gateway.AppHost.Local.Processes;

/// <summary>
/// The running children, one "pid start-time" a line, in the data folder: what the next start reads to find out whether a
/// host that died left something behind that still holds ports and data.
/// </summary>
internal sealed class PidFile(string path)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _running = [];

    /// <summary>Notes a running child.</summary>
    public void Add(Process process)
    {
        if (StartTime(process) is { } started)
        {
            lock (_gate)
            {
                _running[process.Id] = started;
                Write();
            }
        }
    }

    /// <summary>Forgets one that ended.</summary>
    public void Remove(int processId)
    {
        lock (_gate)
        {
            if (_running.Remove(processId))
            {
                Write();
            }
        }
    }

    /// <summary>Waits for children of a host that died, then ends those that are still there. Returns how many it had to end.</summary>
    /// <param name="path">The file the dead host left.</param>
    /// <param name="grace">How long its watchdog may take.</param>
    public static async Task<int> ClearAsync(string path, TimeSpan grace)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        var left = new List<Process>();
        foreach (var line in await File.ReadAllLinesAsync(path).ConfigureAwait(false))
        {
            if (line.Split(' ') is [var id, var started]
                && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
                && Find(pid, time) is { } process)
            {
                left.Add(process);
            }
        }

        using var limit = new CancellationTokenSource(grace);
        await Task.WhenAll(left.Select(process => process.WaitForExitAsync(limit.Token))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var killed = 0;
        foreach (var process in left)
        {
            if (!process.HasExited)
            {
                killed++;
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }

            process.Dispose();
        }

        File.Delete(path);
        return killed;
    }

    // An id alone may have been given to another process since.
    private static Process? Find(int processId, long started)
    {
        try
        {
            var process = Process.GetProcessById(processId);
            if (StartTime(process) is { } time && Math.Abs(time - started) <= 2)
            {
                return process;
            }

            process.Dispose();
            return null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static long? StartTime(Process process)
    {
        try
        {
            return new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeSeconds();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or NotSupportedException)
        {
            return null;
        }
    }

    private void Write() =>
        File.WriteAllLines(path, _running.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key} {entry.Value}")));
}
