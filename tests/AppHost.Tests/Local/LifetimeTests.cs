using System.Net;
using System.Net.Sockets;
using Gateway.AppHost.Local.Hosting;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Tests.Local;

public sealed class LifetimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LifetimeTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are POSIX");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_starts_everything_says_where_and_tells_each_service_about_the_others()
    {
        await using var host = await HostProcess.StartFake(_folder.Data).ReadyAsync();
        var status = host.Status();

        Assert.Equal(host.Id, status.Pid);
        Assert.Contains($"Gateway ready: {status.Gateway}\n", host.Output, StringComparison.Ordinal);
        Assert.Equal(status.Gateway, status.Services["front"].Url);
        Assert.All(status.Services.Values, service => Assert.True(IsRunning(service.Pid)));
        Assert.All(status.Stores.Values, store => Assert.Equal("embedded", store.Kind));
        Assert.Equal(status.Services["alpha"].Url, await host.EnvironmentAsync("front", "services__alpha__http__0"));
        Assert.Equal(status.Services["alpha"].Url, await host.EnvironmentAsync("front", "ALPHA_HTTP"));
        Assert.Equal("Development", await host.EnvironmentAsync("alpha", "ASPNETCORE_ENVIRONMENT"));
        Assert.Equal("alpha", await host.EnvironmentAsync("alpha", "OTEL_SERVICE_NAME"));
        Assert.Equal("(none)", await host.EnvironmentAsync("alpha", "ConnectionStrings__redis"));
        var token = Path.Combine(_folder.Data, "internal.token");
        Assert.Equal((await File.ReadAllTextAsync(token, TestContext.Current.CancellationToken)).Trim(), await host.EnvironmentAsync("alpha", "Gateway__InternalToken"));
        Assert.Equal(43, (await host.EnvironmentAsync("alpha", "Gateway__InternalToken")).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(token));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.Data));
        }
    }

    [Fact]
    public async Task A_service_that_crashes_is_started_again_at_its_address_while_the_others_serve()
    {
        await using var host = await HostProcess.StartFake(_folder.Data).ReadyAsync();
        var before = host.Status();

        await host.PostAsync("alpha", "crash");
        await host.WaitForAsync(() => host.Status().Services["alpha"] is { Restarts: 1, Pid: not null }, "the restart");
        var after = host.Status();

        Assert.Equal(before.Services["alpha"].Url, after.Services["alpha"].Url);
        Assert.NotEqual(before.Services["alpha"].Pid, after.Services["alpha"].Pid);
        Assert.Equal(before.Services["front"], after.Services["front"]);
        Assert.Equal("alpha", await host.EnvironmentAsync("alpha", "OTEL_SERVICE_NAME"));
        Assert.Contains("alpha stopped with exit code 3; starting it again in 0.5 s.", host.Output, StringComparison.Ordinal);
        Assert.Contains("alpha is back.", host.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("alpha")]
    [InlineData("front")]
    public async Task Asked_to_stop_it_ends_everything_within_five_seconds_even_a_service_that_does_not_want_to(string stubborn)
    {
        await using var host = await HostProcess.StartFake(_folder.Data, environment: ("FAKE_STUBBORN", stubborn)).ReadyAsync();
        var status = host.Status();

        host.Send(Signal.Terminate);
        var code = await host.ExitAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(0, code);
        Assert.All(status.Services.Values, service => Assert.False(IsRunning(service.Pid)));
        Assert.False(File.Exists(Path.Combine(_folder.Data, "apphost.json")));
    }

    [Fact]
    public async Task Killed_it_leaves_no_process_behind_and_the_next_start_gets_the_same_port_at_once()
    {
        int port;
        await using (var host = await HostProcess.StartFake(_folder.Data, environment: ("FAKE_STUBBORN", "front")).ReadyAsync())
        {
            port = new Uri(host.Status().Gateway).Port;
            host.Send(Signal.Kill);
            await host.ExitAsync();
        }

        await using var next = await HostProcess.StartFake(_folder.Data, $"--no-stores --port {port}").ReadyAsync();

        Assert.Equal($"http://localhost:{port}", next.Status().Gateway);
    }

    [Fact]
    public async Task Killed_its_services_end_without_anyone_starting_it_again()
    {
        HostStatus status;
        await using (var host = await HostProcess.StartFake(_folder.Data).ReadyAsync())
        {
            status = host.Status();
            host.Send(Signal.Kill);
            await host.ExitAsync();
        }

        var began = TimeProvider.System.GetTimestamp();
        while (status.Services.Values.Any(service => IsRunning(service.Pid)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(15), "services are left behind");
            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_service_that_cannot_start_ends_it_with_the_last_words_of_that_service()
    {
        await using var host = HostProcess.StartFake(_folder.Data, environment: ("FAKE_BROKEN", "alpha"));

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains("error: alpha stopped with exit code 7.", host.Output, StringComparison.Ordinal);
        Assert.Contains("    the fake setting is wrong", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Banner.ReadyPrefix, host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_was_asked_for_and_is_taken_ends_it_with_a_clear_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await using var host = HostProcess.StartFake(_folder.Data, "--no-stores", ("Gateway__Port", $"{port}"));

        Assert.Equal(1, await host.ExitAsync());
        Assert.StartsWith($"error: Port {port} is taken by another program.", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hosts_cannot_share_a_data_folder()
    {
        await using var first = await HostProcess.StartFake(_folder.Data).ReadyAsync();
        await using var second = HostProcess.StartFake(_folder.Data);

        Assert.Equal(1, await second.ExitAsync());
        Assert.StartsWith("error: Another gateway is running on the data folder", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_usage_and_help_end_at_once()
    {
        await using var wrong = HostProcess.StartFake(_folder.Data, "--prot 1");
        await using var help = HostProcess.StartFake(_folder.Data, "--help");

        Assert.Equal(2, await wrong.ExitAsync());
        Assert.Contains("'--prot' is not an option", wrong.Output, StringComparison.Ordinal);
        Assert.Equal(0, await help.ExitAsync());
        Assert.Contains("--no-stores", help.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Data));
    }

    [Fact]
    public async Task Warnings_reach_the_console_with_the_name_of_the_service_and_everything_reaches_its_log()
    {
        await using var host = await HostProcess.StartFake(_folder.Data).ReadyAsync();

        await host.PostAsync("alpha", "warn");
        await host.WaitForAsync(() => host.Output.Contains("alpha         | warn: Fake[1] alpha was asked to warn", StringComparison.Ordinal), "the warning");

        Assert.DoesNotContain("Now listening", host.Output, StringComparison.Ordinal);
        Assert.Contains("Now listening", await File.ReadAllTextAsync(Path.Combine(_folder.Data, "logs", "alpha.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    // The leftovers of a process nobody waits for still have an id.
    private static bool IsRunning(int? processId)
    {
        var state = $"/proc/{processId}/stat";
        try
        {
            return OperatingSystem.IsLinux()
                ? File.Exists(state) && !File.ReadAllText(state).Contains(") Z ", StringComparison.Ordinal)
                : NativeMethods.Kill(processId!.Value, 0) == 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
