using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Gateway.LedgerBenchmark;

/// <summary>A private Postgres that flushes to disk as a real one does.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PostgresProcess(Process process, string connection) => (_process, Connection) = (process, connection);

    /// <summary>Connection string of its database.</summary>
    public string Connection { get; }

    public static bool IsThere => OnPath("postgres") && OnPath("initdb") && (!Environment.IsPrivilegedProcess || OnPath("runuser"));

    public static async Task<PostgresProcess> StartAsync(string folder, CancellationToken cancellation)
    {
        _ = Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            // The server runs as another user.
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        }

        var data = Path.Combine(folder, "data");
        if (!Directory.Exists(data))
        {
            using var init = Start("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-locale");
            await init.WaitForExitAsync(cancellation).ConfigureAwait(false);
            if (init.ExitCode != 0)
            {
                throw new InvalidOperationException("initdb failed.");
            }
        }

        var port = FreePort();
        var process = Start(
            "postgres", "-D", data, "-p", $"{port}", "-k", folder, "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB", "-c", "maintenance_work_mem=256MB");
        var server = $"Host=127.0.0.1;Port={port};Username=postgres;Timeout=15;Command Timeout=3600;Maximum Pool Size=20";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = new NpgsqlConnection($"{server};Database=postgres;Pooling=false");
                await using (connection.ConfigureAwait(false))
                {
                    await connection.OpenAsync(cancellation).ConfigureAwait(false);
                }

                return new PostgresProcess(process, $"{server};Database=postgres");
            }
            catch (NpgsqlException) when (attempt < 600 && !process.HasExited)
            {
                await Task.Delay(100, cancellation).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (!_process.HasExited)
        {
            // The launcher's child is the server; a server whose launcher dies of SIGTERM gets it passed on.
            using var stop = Process.Start(new ProcessStartInfo("kill", [$"-INT", $"{_process.Id}"]));
            if (stop is not null)
            {
                await stop.WaitForExitAsync().ConfigureAwait(false);
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static Process Start(string program, params string[] arguments)
    {
        // setpriv becomes the program, so that a signal reaches it; runuser stays between.
        string[] command = !Environment.IsPrivilegedProcess ? [program, .. arguments]
            : OnPath("setpriv") ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program, .. arguments]
            : ["runuser", "-u", "postgres", "--", program, .. arguments];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath(),
        })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static bool OnPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
