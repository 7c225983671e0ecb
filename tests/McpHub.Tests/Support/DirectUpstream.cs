using System.Collections.Concurrent;
using Gateway.McpHub.Auth;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;
using Gateway.McpHub.Upstreams.Stdio;
using Gateway.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.McpHub.Tests.Support;

/// <summary>The hub's side of one server, without the hub around it, under a clock of the test.</summary>
internal sealed class DirectUpstream : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("upstream").FullName;

    public DirectUpstream(UpstreamSettings settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Gateway:DataDirectory"] = folder }).Build();
        var stdio = new StdioHost(new StdioCommand(configuration), Clock, NullLogger<StdioHost>.Instance);
        Store = new TokenStore(configuration, NullLogger<TokenStore>.Instance);
        Pending = new PendingSignIns(Clock);
        var tokens = new UpstreamTokens(Store, Pending, new OAuthClient(Store, configuration, Clock), Clock);
        var wires = new WireFactory(settings, stdio, tokens, Clock, NullLoggerFactory.Instance);
        Upstream = new Upstream(settings, wires, new HubIdentity(new ServiceIdentity("mcphub")), Changes.Enqueue, Clock, NullLogger.Instance);
    }

    public ManualClock Clock { get; } = new();

    public Upstream Upstream { get; }

    public TokenStore Store { get; }

    public PendingSignIns Pending { get; }

    /// <summary>What the server said of changes.</summary>
    public ConcurrentQueue<UpstreamChange> Changes { get; } = new();

    public static UpstreamRequest Request(string method = Methods.ListTools, string parameters = "{}", bool inSession = true) => new()
    {
        Method = method, Parameters = JsonBytes.Utf8(parameters), Caller = new HubCaller { KeyId = "k" }, Peer = inSession ? HubPeer.InSession : HubPeer.Instance, MayRepeat = true,
    };

    /// <summary>Waits until something is so; things happen on threads of their own though the clock stands.</summary>
    public static async Task UntilAsync(Func<bool> condition, string failure)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, failure);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var ending = Upstream.DisposeAsync().AsTask();
        while (!ending.IsCompleted)
        {
            // What waits politely for a server's end waits by the clock of the test.
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(ending, Task.Delay(20, CancellationToken.None));
        }

        await ending;
        Directory.Delete(folder, recursive: true);
    }
}
