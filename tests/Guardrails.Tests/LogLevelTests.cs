using Gateway.Tests;

namespace Gateway.Guardrails.Tests;

public sealed class LogLevelTests
{
    [Fact]
    public async Task The_level_of_the_settings_is_followed_while_the_service_runs()
    {
        await using var governance = new SettingsOfGovernance();
        await using var service = await ServiceProcess.StartAsync("Gateway.Guardrails", ("services:governance:http:0", governance.Address));
        Assert.DoesNotContain("dbug", service.Output, StringComparison.Ordinal);
        governance.Level = "debug";
        await SettingsOfGovernance.SaysAsync(service, "The level of the log is Debug");
        Assert.Equal(0, await service.StopAsync());
    }
}
