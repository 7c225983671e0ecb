using System.Diagnostics;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Tests.Local;

public sealed class WatchdogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public WatchdogTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the watchdog is a shell");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_left_when_its_input_ends_is_ended_and_what_was_taken_off_is_not()
    {
        using var left = Sleep();
        using var removed = Sleep();
        var watchdog = new ShellWatchdog();
        watchdog.Add(left, Signal.Terminate);
        watchdog.Add(removed, Signal.Terminate);
        watchdog.Remove(removed.Id);

        await watchdog.DisposeAsync();

        await EndedAsync(left);
        Assert.False(removed.HasExited);
        removed.Kill();
    }

    [Fact]
    public async Task A_watchdog_that_is_killed_has_a_successor_that_knows_everything()
    {
        using var child = Sleep();
        var watchdog = new ShellWatchdog();
        watchdog.Add(child, Signal.Terminate);
        var first = watchdog.ProcessId;

        _ = NativeMethods.Kill(first, (int)Signal.Kill);
        var began = TimeProvider.System.GetTimestamp();
        while (watchdog.ProcessId == first)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "no successor");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.False(child.HasExited);
        await watchdog.DisposeAsync();
        await EndedAsync(child);
    }

    [Fact]
    public async Task The_next_start_ends_what_a_host_left_behind_but_not_a_process_that_only_has_its_id()
    {
        using var left = Sleep();
        using var other = Sleep();
        var path = Path.Combine(_folder.Path, "pids");
        new PidFile(path).Add(left);
        await File.AppendAllTextAsync(path, $"{other.Id} 12345\n{int.MaxValue} 12345\nnonsense\n", TestContext.Current.CancellationToken);

        var killed = await PidFile.ClearAsync(path, TimeSpan.FromMilliseconds(50));

        Assert.Equal(1, killed);
        await EndedAsync(left);
        Assert.False(other.HasExited);
        Assert.False(File.Exists(path));
        other.Kill();
    }

    private static Process Sleep() => Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", "exec sleep 600" }, UseShellExecute = false })!;

    private static async Task EndedAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(limit.Token);
    }
}
