namespace Gateway.AppHost.Local.Processes;

/// <summary>Ends the children if this process dies without stopping them, even by SIGKILL.</summary>
internal interface IWatchdog : IAsyncDisposable
{
    /// <summary>From now on <paramref name="process"/> dies with this process.</summary>
    /// <param name="process">A running child.</param>
    /// <param name="signal">What asks it to stop in good order.</param>
    void Add(System.Diagnostics.Process process, Signal signal);

    /// <summary>The child ended; its id may belong to another process soon.</summary>
    void Remove(int processId);
}

/// <summary>Picks the mechanism of this operating system.</summary>
internal static class Watchdog
{
    /// <summary>Starts it.</summary>
    public static IWatchdog Start() => OperatingSystem.IsWindows() ? new JobObjectWatchdog() : new ShellWatchdog();
}
