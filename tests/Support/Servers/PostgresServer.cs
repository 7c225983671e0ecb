using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;

[assembly: AssemblyFixture(typeof(Gateway.Testing.PostgresServer))]

namespace Gateway.Testing;

/// <summary>A private Postgres in a temporary folder, started when the first test asks for it.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly string _folder = QuickFolder.NewPath("gw-pg-");
    private readonly ConcurrentBag<string> _free = [];
    private Process? _process;
    private string? _server;

    /// <summary>Connection string of an empty database. Skips the test where there is no Postgres.</summary>
    public async Task<string> NewDatabaseAsync(CancellationToken cancellation)
    {
        Assert.SkipUnless(OnPath("postgres") && OnPath("initdb"), "postgres and initdb are not on PATH.");
        Assert.SkipUnless(!Environment.IsPrivilegedProcess || OnPath("runuser"), "postgres refuses to run as root, and there is no runuser on PATH.");
        await _starting.WaitAsync(cancellation);
        try
        {
            _server ??= await StartAsync(cancellation);
        }
        finally
        {
            _starting.Release();
        }

        if (_free.TryTake(out var free))
        {
            return free;
        }

        var name = $"t{Guid.NewGuid():n}";
        await ExecuteAsync($"{_server};Database=postgres;Pooling=false", $"CREATE DATABASE {name}", cancellation);
        return $"{_server};Database={name};Maximum Pool Size=20";
    }

    /// <summary>Takes a database back that nobody uses any more, empties it, and gives it to whoever asks next: a new one has hundreds of files.</summary>
    public async Task TakeBackAsync(string database)
    {
        try
        {
            await ExecuteAsync($"{database};Pooling=false", "SET lock_timeout = '10s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public", CancellationToken.None);
            _free.Add(database);
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Somebody uses it after all: it is left to him.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _starting.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<string> StartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder);
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);
        }

        var data = Path.Combine(_folder, "data");
        using (var init = Start("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-locale", "--no-sync"))
        {
            await init.WaitForExitAsync(cancellation);
            Assert.True(init.ExitCode == 0, "initdb failed.");
        }

        var port = Ports.Free();
        _process = Start(
            "postgres", "-D", data, "-p", $"{port}", "-k", _folder, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300", "-c", "shared_buffers=64MB",
            // It need not outlive a power cut.
            "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0");
        var server = $"Host=127.0.0.1;Port={port};Username=postgres;Timeout=5";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection($"{server};Database=postgres;Pooling=false");
                await connection.OpenAsync(limit.Token);
                return server;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(20, limit.Token);
            }
        }
    }

    private static async Task ExecuteAsync(string database, string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Environment.IsPrivilegedProcess)
        {
            info.FileName = "runuser";
            info.ArgumentList.Add("-u");
            info.ArgumentList.Add("postgres");
            info.ArgumentList.Add("--");
            info.ArgumentList.Add(program);
        }
        else
        {
            info.FileName = program;
        }

        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        info.WorkingDirectory = Path.GetTempPath();
        var process = Process.Start(info)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static bool OnPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
