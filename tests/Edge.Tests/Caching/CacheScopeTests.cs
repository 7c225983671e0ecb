using System.Net;
using Gateway.LlmSimulator;
using static Gateway.Edge.Tests.Caching.CacheAsking;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Who is given whose answers.</summary>
public sealed class CacheScopeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("key", false, false)]
    [InlineData("team", true, false)]
    [InlineData("customer", true, true)]
    [InlineData("route", true, true)]
    public async Task Answers_are_shared_as_far_as_the_scope_goes(string scope, bool withMate, bool withOther)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(Tenants(simulator, $"settings: {{ cache: exact, cachePolicy: {{ scope: {scope} }} }}"));
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        await AskAsync(edge, EdgeHost.Chat("sim"), "hit-exact");
        await AskAsync(edge, EdgeHost.Chat("sim"), withMate ? "hit-exact" : "miss", Mate);
        await AskAsync(edge, EdgeHost.Chat("sim"), withOther ? "hit-exact" : "miss", Other);
    }

    [Fact]
    public async Task A_shared_scope_must_be_switched_on_and_end_users_can_be_kept_apart()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var yaml = Tenants(simulator, "settings: { cache: exact, cachePolicy: { scope: shared, sharedScope: faq, perEndUser: true }, cacheStorage: { sharedScopes: [faq] } }");
        await using (var edge = await EdgeHost.StartAsync(yaml))
        {
            await AskAsync(edge, EdgeHost.Chat("sim"), "bypass");
            await AskAsync(edge, EdgeHost.Chat("sim", "\"user\":\"ann\""), "miss");
            await AskAsync(edge, EdgeHost.Chat("sim", "\"user\":\"ann\""), "hit-exact", Other);
            await AskAsync(edge, EdgeHost.Chat("sim", "\"user\":\"bob\""), "miss", Other);
        }

        var file = Path.Combine(Directory.CreateTempSubdirectory("edge-cache-").FullName, "gateway.yaml");
        await File.WriteAllTextAsync(file, yaml.Replace("sharedScopes: [faq]", "sharedScopes: [news]", StringComparison.Ordinal), Cancel);
        var problem = Assert.Single(Gateway.Edge.Configuration.GatewayFile.Load(file).Errors);
        Assert.Contains("not switched on", problem.ToString(), StringComparison.Ordinal);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task A_key_may_not_have_answers_of_providers_that_it_may_not_reach()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(Tenants(simulator, "settings: { cache: exact, cachePolicy: { scope: route } }", ", allowedProviders: [other]"));
        await AskAsync(edge, EdgeHost.Chat("sim"), "miss");
        using var refused = await SendAsync(edge, EdgeHost.Chat("sim"), Mate);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }
}
