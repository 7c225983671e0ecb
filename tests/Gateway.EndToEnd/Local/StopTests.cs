using System.Net;
using System.Net.Http.Headers;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>How the gateway ends, and what is left of it.</summary>
public sealed class StopTests : IDisposable
{
    private static readonly TimeSpan _stopLimit = TimeSpan.FromSeconds(5);
    private readonly DirectoryInfo _folder = TemporaryFolder.Create();

    [Theory]
    [InlineData(false, ChildProcess.Terminate)]
    [InlineData(true, ChildProcess.Interrupt)]
    public async Task It_stops_within_five_seconds_keeps_its_state_and_leaves_no_orphans_when_killed(bool stores, int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are POSIX");
        Assert.SkipWhen(stores && LocalGateway.StoresMissing is not null, LocalGateway.StoresMissing ?? "");
        var data = Path.Combine(_folder.FullName, "data");
        string key;
        await using (var first = await AppHostProcess.StartAsync(data, stores))
        {
            using var admin = new AdminApi(first.Url, File.ReadAllText(Path.Combine(data, "admin.key")).Trim());
            key = (string)(await admin.PostAsync("keys", new { name = "kept" }))["key"]!;
            int[] processes = [.. first.Processes];
            Assert.Equal(stores ? 8 : 6, processes.Length);
            Assert.All(processes, p => Assert.True(ChildProcess.IsRunning(p)));

            ChildProcess.Signal(first.Process.Id, signal);

            Assert.Equal(0, await first.Process.ExitAsync(_stopLimit));
            Assert.DoesNotContain(processes, ChildProcess.IsRunning);
        }

        await using var second = await AppHostProcess.StartAsync(data, stores);
        Assert.Equal(HttpStatusCode.OK, await StatusWithAsync(second.Url, key));
        int[] orphans = [.. second.Processes];

        ChildProcess.Signal(second.Process.Id, ChildProcess.Kill);

        await Poll.UntilAsync(
            () => !orphans.Any(ChildProcess.IsRunning),
            () => $"Processes left: {string.Join(", ", orphans.Where(ChildProcess.IsRunning))}. Output:\n{second.Process.Output}",
            TimeSpan.FromSeconds(20));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<HttpStatusCode> StatusWithAsync(string gateway, string key)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.GetAsync(new Uri(gateway + "/v1/models"), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
