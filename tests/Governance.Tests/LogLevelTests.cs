using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;
using Gateway.ServiceDefaults.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Governance.Tests;

public sealed class LogLevelTests() : GovernanceTests(null)
{
    [Fact]
    public async Task The_level_of_the_settings_is_followed_here_and_told_to_services_that_ask()
    {
        var instance = await StartAsync();
        var levels = instance.Services.GetRequiredService<LogLevelSwitch>();
        Assert.Null(levels.Level);
        Assert.Equal("AsStarted", await ToldAsync(instance));
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/settings", new { telemetry = new { logLevel = "Warning" } });
        Assert.Equal("Warning", await ToldAsync(instance));
        await Eventually.TrueAsync(() => levels.Level == LogLevel.Warning);

        using var stranger = await instance.Anonymous.GetAsync("/internal/service-settings", Cancellation);
        Assert.False(stranger.IsSuccessStatusCode);
    }

    private static async Task<string> ToldAsync(Instance instance) =>
        JsonNode.Parse(await instance.Internal.GetStringAsync("/internal/service-settings", Cancellation))!["logLevel"]!.GetValue<string>();
}
