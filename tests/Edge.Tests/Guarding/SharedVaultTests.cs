using System.Globalization;
using Gateway.Guardrails.Vault;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>The vault that edges share through Redis.</summary>
public sealed class SharedVaultTests
{
    [Fact]
    public async Task What_one_edge_gives_out_another_knows_and_gives_to_nothing_else()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var redis = RedisServer.Start(port);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var settings = new Dictionary<string, string?> { ["ConnectionStrings:redis"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port},connectTimeout=500,syncTimeout=500") };
        await using var one = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl), settings: settings);
        await using var two = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl), settings: settings);
        var (first, second) = (one.Services.GetRequiredService<IVaultStore>(), two.Services.GetRequiredService<IVaultStore>());
        await Eventually.TrueAsync(async () => await first.TryAddAsync("ready", [], TestContext.Current.CancellationToken) && (await second.LoadAsync("ready", TestContext.Current.CancellationToken)).Count == 0, "Redis is not there");
        await Eventually.TrueAsync(
            async () =>
            {
                var name = Guid.NewGuid().ToString("N");
                await first.TryAddAsync(name, [KeyValuePair.Create("[X_1]", new byte[] { 1 })], TestContext.Current.CancellationToken);
                return (await second.LoadAsync(name, TestContext.Current.CancellationToken)).Count == 1;
            },
            "what one edge adds the other does not see");
        Assert.True(await first.TryAddAsync("c", [KeyValuePair.Create("[X_1]", new byte[] { 1 }), KeyValuePair.Create("[X_2]", new byte[] { 2 })], TestContext.Current.CancellationToken));
        Assert.False(await second.TryAddAsync("c", [KeyValuePair.Create("[X_3]", new byte[] { 3 }), KeyValuePair.Create("[X_2]", new byte[] { 9 })], TestContext.Current.CancellationToken));
        Assert.Equal(["[X_1]", "[X_2]"], (await second.LoadAsync("c", TestContext.Current.CancellationToken)).Select(static e => e.Key).Order());

        // Without Redis each goes on with what it knows.
        redis.Dispose();
        Assert.Equal(2, (await first.LoadAsync("c", TestContext.Current.CancellationToken)).Count);
        Assert.True(await second.TryAddAsync("d", [KeyValuePair.Create("[X_1]", new byte[] { 1 })], TestContext.Current.CancellationToken));
        Assert.Single(await second.LoadAsync("d", TestContext.Current.CancellationToken));
    }
}
