using System.Net;
using System.Net.Sockets;
using Gateway.Edge.Caching.Memory;
using Gateway.LlmSimulator;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Caching;

/// <summary>A Redis that takes what it is told and says nothing: slow, but up.</summary>
public sealed class SlowRedisTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_redis_that_is_slow_is_a_miss_then_left_alone_and_used_again_when_it_is_well()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "redis-server is not on PATH");
        var port = Ports.Free();
        using var redis = RedisServer.Start(port);
        await using var line = new StallingLine(port);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(
            EdgeHost.Configuration(simulator.BaseUrl, "settings: { cache: exact, cacheStorage: { redisTimeoutMs: 200 } }"),
            settings: new Dictionary<string, string?> { ["ConnectionStrings:redis"] = $"127.0.0.1:{line.Port},connectTimeout=2000,syncTimeout=2000,abortConnect=false" });
        var memory = edge.Services.GetRequiredService<MemoryStore>();
        await Eventually.TrueAsync(() => HitAsync(edge, memory, "sim?tokens=3"), "answers never come from Redis");

        line.IsStalled = true;
        for (var i = 0; i < 6; i++)
        {
            await CacheAsking.AskAsync(edge, EdgeHost.Chat($"sim?tokens={10 + i}"), "miss");
            await CacheAsking.AskAsync(edge, EdgeHost.Chat($"sim?tokens={10 + i}"), "hit-exact");
        }

        line.IsStalled = false;
        await Eventually.TrueAsync(() => HitAsync(edge, memory, "sim?tokens=4"), "answers never come from Redis again");
    }

    /// <summary>Whether an answer comes from Redis when the edge itself has forgotten it.</summary>
    private static async Task<bool> HitAsync(EdgeHost edge, MemoryStore memory, string model)
    {
        using var first = await edge.ChatAsync(model);
        memory.RemoveAll(static _ => true);
        using var second = await edge.ChatAsync(model);
        Assert.True(second.IsSuccessStatusCode);
        return CacheAsking.Header(second, "x-gateway-cache") == "hit-exact";
    }

    /// <summary>Passes bytes on to a server, and keeps its answers back while it is stalled.</summary>
    private sealed class StallingLine : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;
        private readonly int _target;
        private volatile bool _isStalled;

        public StallingLine(int target)
        {
            _target = target;
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            _accepting = AcceptAsync();
        }

        public int Port { get; }

        public bool IsStalled
        {
            get => _isStalled;
            set => _isStalled = value;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            var lines = new List<Task>();
            try
            {
                while (true)
                {
                    lines.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(lines);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var caller = client;
            using var server = new TcpClient();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                await Task.WhenAny(PassAsync(caller.GetStream(), server.GetStream(), stalls: false), PassAsync(server.GetStream(), caller.GetStream(), stalls: true));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The test is over, or the server is not up yet.
            }
        }

        private async Task PassAsync(NetworkStream from, NetworkStream to, bool stalls)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                for (int read; (read = await from.ReadAsync(buffer, _stop.Token)) > 0;)
                {
                    while (stalls && _isStalled)
                    {
                        await Task.Delay(5, _stop.Token);
                    }

                    await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone.
            }
        }
    }
}
