using System.Globalization;
using System.Net.Http.Json;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Tests;

namespace Gateway.Guardrails.Tests;

/// <summary>Several guardrail services on one Redis.</summary>
public sealed class SharedPseudonymTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_service_takes_out_another_puts_back_and_nobody_finds_it_in_redis()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var redis = RedisServer.Start(port);
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        await using var one = await ServiceProcess.StartAsync("Gateway.Guardrails", ("ConnectionStrings:redis", address));
        await using var two = await ServiceProcess.StartAsync("Gateway.Guardrails", ("ConnectionStrings:redis", address));
        await RedisAsync(one);
        await RedisAsync(two);

        var hidden = (await TextsAsync(one, "/v1/anonymize", "t", "write to ada@example.org")).Texts[0];
        Assert.DoesNotContain("ada@", hidden, StringComparison.Ordinal);
        Assert.Equal(["write to ada@example.org"], (await TextsAsync(two, "/v1/deanonymize", "t", hidden)).Texts);
        Assert.Equal([hidden], (await TextsAsync(two, "/v1/deanonymize", "other", hidden)).Texts);
        Assert.Equal(hidden, (await TextsAsync(two, "/v1/anonymize", "t", "write to ada@example.org")).Texts[0]);

        using var store = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(address + ",allowAdmin=true");
        foreach (var key in store.GetServer(store.GetEndPoints()[0]).Keys())
        {
            foreach (var entry in await store.GetDatabase().HashGetAllAsync(key))
            {
                Assert.DoesNotContain("ada", $"{key} {entry.Name} {entry.Value}", StringComparison.Ordinal);
            }

            Assert.NotNull(await store.GetDatabase().KeyTimeToLiveAsync(key));
        }
    }

    // Readiness says so when the connection is there.
    private static async Task RedisAsync(ServiceProcess service)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while ((await service.Client.GetStringAsync("/health/ready", limit.Token)).Contains("degraded", StringComparison.Ordinal))
        {
            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<GuardTextsResponse> TextsAsync(ServiceProcess service, string path, string tenant, string text)
    {
        using var response = await service.Client.PostAsJsonAsync(path, new GuardTextsRequest { Texts = [text], Tenant = tenant, Conversation = "c" }, ContractsJson.Default.GuardTextsRequest, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardTextsResponse, Cancel))!;
    }
}
