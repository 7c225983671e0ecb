using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Gateway.EndToEnd.Clients;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Aspire;

/// <summary>The gateway on Aspire, its stores in containers.</summary>
[CollectionDefinition(Name)]
public sealed class AspireGateway : GatewayFixture, ICollectionFixture<AspireGateway>
{
    public const string Name = "aspire";
    private DistributedApplication? _app;

    public override string? SkipReason =>
        Repository.OnPath("docker") is null && Repository.OnPath("podman") is null ? "Aspire needs docker or podman" : null;

    protected override async Task<string> StartGatewayAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>([$"--Gateway:DataDirectory={Data}"], cancellation);
        _app = await builder.BuildAsync(cancellation);
        await _app.StartAsync(cancellation);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("edge", cancellation);
        return _app.GetEndpoint("edge", "http").GetLeftPart(UriPartial.Authority);
    }

    protected override ValueTask StopGatewayAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[Collection(AspireGateway.Name)]
public sealed class OpenAIClientOnAspire(AspireGateway gateway) : OpenAIClientTests(gateway);

[Collection(AspireGateway.Name)]
public sealed class JavaScriptClientOnAspire(AspireGateway gateway) : JavaScriptClientTests(gateway);

[Collection(AspireGateway.Name)]
public sealed class FrontDoorOnAspire(AspireGateway gateway) : FrontDoorTests(gateway);

[Collection(AspireGateway.Name)]
public sealed class UsageOnAspire(AspireGateway gateway) : UsageTests(gateway);
