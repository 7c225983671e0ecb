using System.Net;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Guarding;

public sealed class GuardTests
{
    [Theory]
    [InlineData("the PROJECT falcon plan", 400)]
    [InlineData("the pr\\u006fject falcon plan", 400)]
    [InlineData("the falcon plan", 200)]
    public async Task A_blocked_term_never_reaches_the_provider(string text, int status)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: { blockedTerms: [ \"project falcon\" ] }");
        using var response = await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim","messages":[{"role":"user","content":[{"type":"text","text":"{{text}}"}]}]}""");
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 400)
        {
            var error = await EdgeHost.ErrorAsync(response, 400, "content_blocked");
            Assert.DoesNotContain("falcon", error["message"]!.GetValue<string>(), StringComparison.OrdinalIgnoreCase);
            Assert.Empty(simulator.Received);
            Assert.Equal("content_blocked", Assert.Single(await edge.RecordsAsync(1)).ErrorCode);
        }
    }

    [Fact]
    public async Task A_changed_policy_is_in_force_without_a_restart()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using (var before = await edge.ChatAsync("sim", "\"user\":\"forbidden\""))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        var yaml = await File.ReadAllTextAsync(edge.ConfigFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(edge.ConfigFile, yaml + "\nsettings: { blockedTerms: [ forbidden ] }\n", TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(
            async () =>
            {
                using var response = await edge.ChatAsync("sim", "\"user\":\"forbidden\"");
                return response.StatusCode == HttpStatusCode.BadRequest;
            },
            "the new policy did not come into force");
    }
}
