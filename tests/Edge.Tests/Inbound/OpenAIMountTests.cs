using System.Net;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Inbound;

public sealed class OpenAIMountTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Theory]
    [InlineData("/openai/v1/chat/completions", "{\"model\":\"sim\"," + Messages + "}", "{\"model\":\"sim\"," + Messages + "}")]
    [InlineData("/openai/deployments/sim/chat/completions?api-version=2024-10-21", "{" + Messages + "}", "{\"model\":\"sim\"," + Messages + "}")]
    [InlineData("/openai/deployments/sim/chat/completions", "{" + Messages + ",\"model\":\"else\"}", "{" + Messages + ",\"model\":\"sim\"}")]
    public async Task Another_base_url_reaches_the_same_model(string path, string body, string sent)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        using var response = await edge.PostAsync(path, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var received = Assert.Single(simulator.Received);
        Assert.Equal(sent, received.BodyText);
        Assert.Equal("/v1/chat/completions", received.Path);
        Assert.Equal("sim", Assert.Single(await edge.RecordsAsync(1)).Model);
    }

    [Fact]
    public async Task The_model_of_the_address_decides_over_what_the_key_may_do()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, keyMore: ", allowedModels: [ sim-a ]");
        using var response = await edge.PostAsync("/openai/deployments/sim-b/chat/completions", "{\"model\":\"sim-a\"," + Messages + "}");
        await EdgeHost.ErrorAsync(response, 403, "model_not_allowed");
        Assert.Empty(simulator.Received);
    }

    [Fact]
    public async Task Models_are_listed_under_a_mount_too()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, "settings: {}");
        foreach (var path in (string[])["/openai/v1/models", "/openai/models", "/litellm/models"])
        {
            Assert.Equal("list", JsonNode.Parse(await edge.Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken))!["object"]!.GetValue<string>());
        }
    }
}
