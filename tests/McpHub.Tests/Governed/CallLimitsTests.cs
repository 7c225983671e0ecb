using System.Globalization;
using Gateway.McpHub.Policies;
using Gateway.ServiceDefaults.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Gateway.McpHub.Tests.Governed;

public sealed class CallLimitsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_minutes_calls_pass_at_once_and_then_one_by_one()
    {
        var time = new Clock();
        var limits = new CallLimits(time, NullLogger<CallLimits>.Instance);
        CallLimit[] limit = [new("a", 6)];
        for (var i = 0; i < 6; i++)
        {
            Assert.Null(await limits.TakeAsync(limit, Cancel));
        }

        Assert.Equal(TimeSpan.FromSeconds(10), await limits.TakeAsync(limit, Cancel));
        time.Now += TimeSpan.FromSeconds(9);
        Assert.Equal(TimeSpan.FromSeconds(1), await limits.TakeAsync(limit, Cancel));
        time.Now += TimeSpan.FromSeconds(1);
        Assert.Null(await limits.TakeAsync(limit, Cancel));
        Assert.NotNull(await limits.TakeAsync(limit, Cancel));
        Assert.Null(await limits.TakeAsync([new("b", 1)], Cancel));
    }

    [Fact]
    public async Task A_call_that_one_limit_refuses_counts_against_none()
    {
        var limits = new CallLimits(new Clock(), NullLogger<CallLimits>.Instance);
        Assert.Null(await limits.TakeAsync([new("narrow", 1), new("wide", 2)], Cancel));
        for (var i = 0; i < 5; i++)
        {
            Assert.NotNull(await limits.TakeAsync([new("wide", 2), new("narrow", 1)], Cancel));
        }

        Assert.Null(await limits.TakeAsync([new("wide", 2)], Cancel));
    }

    [Fact]
    public async Task Hubs_share_their_limits_over_redis_and_go_on_without_it()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var server = RedisServer.Start(port);
        using var connection = await ConnectionMultiplexer.ConnectAsync(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port},abortConnect=false,connectTimeout=500"));
        while (!connection.IsConnected)
        {
            await Task.Delay(20, Cancel);
        }

        var store = new Store(connection);
        CallLimits[] hubs = [new(TimeProvider.System, NullLogger<CallLimits>.Instance, store), new(TimeProvider.System, NullLogger<CallLimits>.Instance, store)];
        var passed = 0;
        for (var i = 0; i < 20; i++)
        {
            passed += await hubs[i % 2].TakeAsync([new("shared", 10)], Cancel) is null ? 1 : 0;
        }

        Assert.Equal(10, passed);
        Assert.True(await hubs[0].TakeAsync([new("shared", 10)], Cancel) is { } wait && wait > TimeSpan.Zero && wait <= TimeSpan.FromSeconds(6));
        server.Dispose();
        Assert.Null(await hubs[0].TakeAsync([new("shared", 10)], Cancel));
    }

    private sealed class Store(IConnectionMultiplexer connection) : IRedisStore
    {
        public Task<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken) => Task.FromResult(connection);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Now.UtcTicks;
    }
}
