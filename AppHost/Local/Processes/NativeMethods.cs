using System.Runtime.InteropServices;

namespace Gateway.AppHost.Local.Processes;

/// <summary>The few calls of the C library that .NET does not offer.</summary>
internal static partial class NativeMethods
{
    /// <summary>Effective user id; 0 is root.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial uint EffectiveUserId();

    /// <summary>Id of the parent process; changes when that process ends.</summary>
    [LibraryImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ParentProcessId();

    /// <summary>Sends a signal; 0 when it was sent.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Kill(int processId, int signal);
}
