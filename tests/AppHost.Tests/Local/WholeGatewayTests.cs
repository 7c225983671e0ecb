using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Tests.Local;

public sealed class WholeGatewayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_five_services_start_answer_and_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are POSIX");
        await using var host = await HostProcess.StartTrue(_folder.Data).ReadyAsync();
        var status = host.Status();

        Assert.Equal(["edge", "governance", "guardrails", "mcphub", "semanticcache"], status.Services.Keys.Order());
        Assert.Equal(status.Gateway, status.Services["edge"].Url);
        foreach (var service in status.Services.Values)
        {
            using var answer = await HostProcess.Http.GetAsync(new Uri(service.Url + "/health/live"), TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);
        }

        host.Send(Signal.Terminate);
        Assert.Equal(0, await host.ExitAsync(TimeSpan.FromSeconds(5)));
    }
}
