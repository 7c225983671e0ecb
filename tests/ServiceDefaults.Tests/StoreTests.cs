using System.Net;
using Gateway.ServiceDefaults.Stores;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Gateway.ServiceDefaults.Tests;

public sealed class StoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Without_connection_strings_nothing_is_registered()
    {
        var builder = TestService.Builder();

        Assert.False(builder.AddGatewayRedis());
        Assert.False(builder.AddGatewayPostgres());

        using var services = builder.Services.BuildServiceProvider();
        Assert.Null(services.GetService<IRedisStore>());
        Assert.Null(services.GetService<Npgsql.NpgsqlDataSource>());
    }

    [Fact]
    public async Task Redis_may_start_after_the_service_and_everything_works_from_then_on()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        await using var service = await TestService.StartAsync(
            new() { ["ConnectionStrings:redis"] = $"127.0.0.1:{port},password=secret-of-the-test" }, b => Assert.True(b.AddGatewayRedis()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ReadyAsync(service));

        using var server = RedisServer.Start(port, "secret-of-the-test");
        await Eventually.TrueAsync(async () => await ReadyAsync(service) == HttpStatusCode.OK, "redis is ready");

        var redis = await service.App.Services.GetRequiredService<IRedisStore>().GetAsync(Cancel);
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var channel = new RedisChannel("news", RedisChannel.PatternMode.Literal);
        await redis.GetSubscriber().SubscribeAsync(channel, (_, value) => heard.TrySetResult(value!));
        await redis.GetDatabase().StringSetAsync("key", "value");
        await redis.GetSubscriber().PublishAsync(channel, "hello");
        Assert.Equal("value", (string?)await redis.GetDatabase().StringGetAsync("key"));
        Assert.Equal("hello", await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }

    [Fact]
    public async Task An_optional_redis_that_is_down_only_degrades()
    {
        await using var service = await TestService.StartAsync(
            new() { ["ConnectionStrings:redis"] = "127.0.0.1:1,connectTimeout=200" }, b => b.AddGatewayRedis(StoreNeed.Optional));

        using var ready = await service.Client.GetAsync("/health/ready", Cancel);

        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("\"degraded\"", await ready.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_postgres_that_is_down_makes_the_service_not_ready_but_lets_it_start()
    {
        await using var service = await TestService.StartAsync(
            new() { ["ConnectionStrings:gatewaydb"] = "Host=127.0.0.1;Port=1;Username=u;Password=secret-of-the-test;Database=d" },
            b => Assert.True(b.AddGatewayPostgres()));

        using var ready = await service.Client.GetAsync("/health/ready", Cancel);

        var body = await ready.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("\"postgres\"", body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-test", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConnectionStrings:redis", "localhost,password=hunter2,nonsense=1")]
    [InlineData("ConnectionStrings:redis", ",password=hunter2")]
    [InlineData("ConnectionStrings:gatewaydb", "Host=db;Nonsense=hunter2")]
    [InlineData("ConnectionStrings:gatewaydb", "postgres://u:hunter2@db/gateway")]
    public void A_connection_string_that_cannot_be_read_is_refused_without_quoting_it(string key, string value)
    {
        var builder = TestService.Builder(new() { [key] = value });

        var error = Assert.Throws<InvalidOperationException>(() => builder.AddGatewayRedis() | builder.AddGatewayPostgres());

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> ReadyAsync(TestService service)
    {
        using var ready = await service.Client.GetAsync("/health/ready", Cancel);
        return ready.StatusCode;
    }
}
