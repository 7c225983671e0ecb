using System.Diagnostics;
using Gateway.Contracts;
using Gateway.McpHub.Configuration;
using Gateway.ServiceDefaults.Files;

namespace Gateway.McpHub.Upstreams.Stdio;

/// <summary>
/// How a server's program is started: it leads a process group of its own, knows no variables but those it is given, works in its own folder and within limits.
/// </summary>
internal sealed class StdioCommand(IConfiguration configuration)
{
    private const string Setsid = "/usr/bin/setsid";
    private const string Shell = "/bin/sh";

    // Without the latter ones no program starts on Windows.
    private static readonly string[] AlwaysPassedOn =
        ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SystemRoot", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "PATHEXT"];

    /// <summary>Whether programs lead process groups of their own, which are ended whole.</summary>
    public static bool LeadsGroup { get; } = OperatingSystem.IsLinux() && File.Exists(Setsid);

    /// <summary>What is started.</summary>
    public ProcessStartInfo For(string server, StdioSettings stdio)
    {
        List<string> command = [stdio.Command, .. stdio.Arguments];
        if (!OperatingSystem.IsWindows() && (stdio.MaxMemoryBytes is not null || stdio.MaxCpuSeconds is not null))
        {
            command.InsertRange(0, [Shell, "-c", Limits(stdio)]);
        }

        if (LeadsGroup)
        {
            command.Insert(0, Setsid);
        }

        var info = new ProcessStartInfo(command[0], command.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = stdio.Folder ?? OwnFolder(server),
        };
        info.Environment.Clear();
        foreach (var name in AlwaysPassedOn.Concat(stdio.PassedOn))
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                info.Environment[name] = value;
            }
        }

        foreach (var (name, value) in stdio.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    // Data rather than address space: runtimes reserve far more addresses than they use. The program is $0 and what follows, so the shell reads nothing of it.
    private static string Limits(StdioSettings stdio)
        => (stdio.MaxMemoryBytes is { } bytes ? $"ulimit -d {Math.Max(1, bytes / 1024)} && " : "")
            + (stdio.MaxCpuSeconds is { } seconds ? $"ulimit -t {seconds} && " : "")
            + "exec \"$0\" \"$@\"";

    private string OwnFolder(string server) =>
        OwnerOnlyFiles.EnsureFolder(Path.GetFullPath(Path.Combine(configuration[WireNames.DataDirectoryKey] ?? ".gateway", "mcphub", "stdio", server)));
}
