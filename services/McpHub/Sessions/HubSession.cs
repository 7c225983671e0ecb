using ModelContextProtocol.Server;

namespace Gateway.McpHub.Sessions;

/// <summary>One client's conversation with the hub: a transport and the MCP server that answers on it.</summary>
internal sealed class HubSession : IAsyncDisposable
{
    private readonly CancellationTokenSource closed = new();
    private readonly McpServer server;
    private readonly TimeProvider time;
    private readonly Task run;
    private int inUse;
    private int getStarted;
    private int disposed;
    private long lastUsed;

    public HubSession(string id, string owner, StreamableHttpServerTransport transport, McpServer server, TimeProvider time)
    {
        Id = id;
        Owner = owner;
        Transport = transport;
        this.server = server;
        this.time = time;
        lastUsed = time.GetTimestamp();
        run = server.RunAsync(closed.Token);
    }

    public string Id { get; }

    /// <summary>The caller who began it; nobody else may use it. Empty when callers are not told apart.</summary>
    public string Owner { get; }

    public StreamableHttpServerTransport Transport { get; }

    /// <summary>How long nothing has used it; zero while a request or a stream is open.</summary>
    public TimeSpan Idle => Volatile.Read(ref inUse) > 0 ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref lastUsed));

    /// <summary>Keeps it from counting as idle until disposed.</summary>
    public Usage Use()
    {
        Interlocked.Increment(ref inUse);
        return new Usage(this);
    }

    /// <summary>True for the first caller: the transport carries one stream of unasked messages in its life.</summary>
    public bool TryStartGet() => Interlocked.Exchange(ref getStarted, 1) == 0;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        await closed.CancelAsync();
        await Transport.DisposeAsync();
        await server.DisposeAsync();

        // However the conversation ended, there is nobody left to tell.
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closed.Dispose();
    }

    internal readonly struct Usage(HubSession session) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.Exchange(ref session.lastUsed, session.time.GetTimestamp());
            Interlocked.Decrement(ref session.inUse);
        }
    }
}
