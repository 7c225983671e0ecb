using System.Runtime.InteropServices;

namespace Gateway.AppHost.Local.Processes;

/// <summary>Finds programs of this machine.</summary>
internal static class Programs
{
    private static readonly string[] _systemFolders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>The <c>dotnet</c> this process runs on, whatever PATH says.</summary>
    public static string Dotnet { get; } = FindDotnet();

    /// <summary>Absolute path of a program on PATH, or null.</summary>
    /// <param name="name">Its name, without <c>.exe</c>.</param>
    /// <param name="path">PATH; null for this process's own.</param>
    public static string? Find(string name, string? path = null)
    {
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return (path ?? Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.GetFullPath(Path.Combine(folder, file)))
            .FirstOrDefault(IsExecutable);
    }

    /// <summary>A tool of the operating system itself, looked for in its own folders when PATH lacks it.</summary>
    public static string? FindSystem(string name) =>
        Find(name) ?? _systemFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsExecutable);

    /// <summary>
    /// What to put before a command so that it leads a session of its own, where the system has such a tool: a Ctrl-C in the
    /// terminal then reaches only this process, which stops the others in order.
    /// </summary>
    public static IReadOnlyList<string> NewSession() => FindSystem("setsid") is { } setsid ? [setsid] : [];

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows()
            || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static string FindDotnet()
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var file = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(file) ? file : "dotnet";
    }
}
