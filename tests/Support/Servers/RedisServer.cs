using System.Diagnostics;
using System.Globalization;

namespace Gateway.Testing;

/// <summary>A real Redis that keeps nothing, where its program is on PATH.</summary>
internal sealed class RedisServer(Process process, string folder) : IDisposable
{
    private bool _stopped;

    public static bool IsInstalled => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(static p => File.Exists(Path.Combine(p, "redis-server")));

    public static RedisServer Start(int port, string? password = null)
    {
        var folder = Directory.CreateTempSubdirectory("gateway-redis-").FullName;
        var start = new ProcessStartInfo("redis-server", ["--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--dir", folder]) { RedirectStandardOutput = true };
        if (password is not null)
        {
            start.ArgumentList.Add("--requirepass");
            start.ArgumentList.Add(password);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return new RedisServer(process, folder);
    }

    public void Dispose()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        process.Kill();
        process.WaitForExit();
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
