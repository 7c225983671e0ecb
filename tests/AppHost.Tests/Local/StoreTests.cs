using System.Net.Sockets;
using System.Text;
using Gateway.AppHost.Local.Processes;
using Npgsql;

namespace Gateway.AppHost.Tests.Local;

public sealed class StoreTests : IDisposable
{
    private const string WithStores = "--port 0";
    private readonly TemporaryFolder _folder = new();

    public StoreTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the stores are POSIX programs");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Redis_on_path_is_started_again_when_it_dies_and_its_data_outlives_that_and_the_host()
    {
        Assert.SkipUnless(Programs.Find("redis-server") is not null, "redis-server is not on PATH");
        var only = OnPath("redis-server");

        await using (var host = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", only)).ReadyAsync())
        {
            Assert.Equal("local", host.Status().Stores["redis"].Kind);
            Assert.Equal("embedded", host.Status().Stores["postgres"].Kind);
            Assert.Equal("+OK", await RedisAsync(await host.EnvironmentAsync("alpha", "ConnectionStrings__redis"), "SET color teal"));
            Assert.Equal("(none)", await host.EnvironmentAsync("front", "ConnectionStrings__redis"));
            var before = host.Status().Stores["redis"].Pid!.Value;
            _ = NativeMethods.Kill(before, (int)Signal.Kill);
            await host.WaitForAsync(() => host.Status().Stores["redis"].Pid is { } now && now != before && host.Output.Contains("redis is back.", StringComparison.Ordinal), "redis to be started again");
            Assert.Equal("$4", await RedisAsync(await host.EnvironmentAsync("alpha", "ConnectionStrings__redis"), "GET color"));
            host.Send(Signal.Terminate);
            Assert.Equal(0, await host.ExitAsync(TimeSpan.FromSeconds(5)));
        }

        await using var again = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", only)).ReadyAsync();
        Assert.Equal("$4", await RedisAsync(await again.EnvironmentAsync("alpha", "ConnectionStrings__redis"), "GET color"));
    }

    [Fact]
    public async Task Postgres_on_path_is_started_and_its_data_outlives_a_stop_and_a_kill()
    {
        Assert.SkipUnless(Programs.Find("postgres") is not null && Programs.Find("initdb") is not null, "postgres and initdb are not on PATH");
        var only = OnPath("postgres", "initdb");

        await using (var host = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", only)).ReadyAsync())
        {
            Assert.Equal("local", host.Status().Stores["postgres"].Kind);
            await SqlAsync(await host.EnvironmentAsync("alpha", "ConnectionStrings__gatewaydb"), "CREATE TABLE colors (name text); INSERT INTO colors VALUES ('teal')");
            host.Send(Signal.Terminate);
            Assert.Equal(0, await host.ExitAsync(TimeSpan.FromSeconds(5)));
        }

        await using (var host = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", only)).ReadyAsync())
        {
            await SqlAsync(await host.EnvironmentAsync("alpha", "ConnectionStrings__gatewaydb"), "INSERT INTO colors VALUES ('plum')");
            host.Send(Signal.Kill);
            await host.ExitAsync();
        }

        await using var last = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", only)).ReadyAsync();
        Assert.Equal("plum,teal", await SqlAsync(await last.EnvironmentAsync("alpha", "ConnectionStrings__gatewaydb"), "SELECT string_agg(name, ',' ORDER BY name) FROM colors"));
    }

    [Fact]
    public async Task Postgres_is_not_kept_from_starting_by_the_pid_file_of_a_server_that_was_killed()
    {
        Assert.SkipUnless(Programs.Find("postgres") is not null && Programs.Find("initdb") is not null, "postgres and initdb are not on PATH");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc");
        var only = OnPath("postgres", "initdb");
        await using (var host = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", only)).ReadyAsync())
        {
            host.Send(Signal.Terminate);
            await host.ExitAsync();
        }

        // The id in it was given to another process since: this one.
        await File.WriteAllTextAsync(Path.Combine(_folder.Data, "postgres", "data", "postmaster.pid"), $"{Environment.ProcessId}\n", TestContext.Current.CancellationToken);

        await using var again = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", only)).ReadyAsync();
        Assert.Equal("local", again.Status().Stores["postgres"].Kind);
    }

    [Fact]
    public async Task Without_them_on_path_and_without_connection_strings_every_store_is_embedded()
    {
        await using var host = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", OnPath())).ReadyAsync();

        Assert.All(host.Status().Stores.Values, store => Assert.Equal("embedded", store.Kind));
        Assert.Contains("embedded (SQLite)", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_of_the_users_own_wins_and_nothing_is_started()
    {
        await using var host = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", OnPath()), ("ConnectionStrings__redis", "elsewhere:6379")).ReadyAsync();

        Assert.Equal("external", host.Status().Stores["redis"].Kind);
        Assert.Equal("elsewhere:6379", await host.EnvironmentAsync("alpha", "ConnectionStrings__redis"));
    }

    [Fact]
    public async Task A_store_that_does_not_start_is_said_and_left_out()
    {
        var path = OnPath();
        foreach (var broken in (string[])["redis-server", "qdrant", "postgres", "initdb"])
        {
            var file = Path.Combine(path, broken);
            await File.WriteAllTextAsync(file, "#!/bin/sh\necho \"the library of $0 is missing\" >&2\nexit 1\n", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }
        }

        await using var host = await HostProcess.StartFake(_folder.Data, WithStores, ("PATH", path)).ReadyAsync();

        Assert.All(host.Status().Stores.Values, store => Assert.Equal("embedded", store.Kind));
        Assert.Contains("redis stopped with exit code 1.", host.Output, StringComparison.Ordinal);
        Assert.Contains("qdrant stopped with exit code 1.", host.Output, StringComparison.Ordinal);
        Assert.Contains("postgres could not be set up: initdb: the library of", host.Output, StringComparison.Ordinal);
    }

    private string OnPath(params string[] programs)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder.Path, "bin")).FullName;
        foreach (var program in programs)
        {
            File.CreateSymbolicLink(Path.Combine(bin, program), Programs.Find(program)!);
        }

        return bin;
    }

    private static async Task<string> RedisAsync(string connection, string command)
    {
        var parts = connection.Split([":", ",password="], StringSplitOptions.None);
        using var client = new TcpClient();
        await client.ConnectAsync(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"AUTH {parts[2]}\r\n{command}\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream());
        await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        return (await reader.ReadLineAsync(TestContext.Current.CancellationToken))!;
    }

    private static async Task<string?> SqlAsync(string connection, string sql)
    {
        await using var opened = new NpgsqlConnection(connection + ";Pooling=false");
        await opened.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, opened);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) as string;
    }
}
