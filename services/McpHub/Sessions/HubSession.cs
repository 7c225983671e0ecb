using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Sessions;

/// <summary>One client's conversation with the hub, of a revision that has them.</summary>
internal sealed class HubSession(string id, HubCaller caller, HubScope scope, bool isOldHttp, TimeProvider time) : IDisposable
{
    private const int MaxQueued = 1000;
    private const int MaxWatched = 1000;

    private readonly TimeProvider time = time;
    private readonly CancellationTokenSource closed = new();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<UpstreamReply>> questions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> watched = new(StringComparer.Ordinal);
    private Channel<byte[]>? outbox;
    private StandingPeer? standing;
    private long lastQuestion;
    private int inUse;
    private int hasStream;
    private long lastUsed = time.GetTimestamp();

    /// <summary>Its id, which is also its name towards servers.</summary>
    public string Id { get; } = id;

    /// <summary>Who began it; nobody else may use it.</summary>
    public HubCaller Caller { get; } = caller with { Session = id };

    /// <summary>What its address names.</summary>
    public HubScope Scope { get; } = scope;

    /// <summary>Whether all messages go through one stream, as in 2024-11-05.</summary>
    public bool IsOldHttp { get; } = isOldHttp;

    /// <summary>The revision that was agreed on; empty before.</summary>
    public string Version { get; private set; } = "";

    /// <summary>What the client can do.</summary>
    public ReadOnlyMemory<byte> Capabilities { get; private set; } = JsonBytes.EmptyObject;

    /// <summary>From which level on the client wants log messages; null as long as it did not say.</summary>
    public string? LogLevel { get; set; }

    /// <summary>Ends with the session.</summary>
    public CancellationToken Closed => closed.Token;

    /// <summary>Whether the stream for what belongs to no request is open.</summary>
    public bool HasStream => Volatile.Read(ref hasStream) != 0;

    /// <summary>How long nothing has used it; zero while a request or a stream is open.</summary>
    public TimeSpan Idle => Volatile.Read(ref inUse) > 0 ? TimeSpan.Zero : time.GetElapsedTime(Interlocked.Read(ref lastUsed));

    /// <summary>The client as far as it belongs to no request.</summary>
    public IClientPeer Standing => standing ??= new StandingPeer(this);

    private Channel<byte[]> Outbox => LazyInitializer.EnsureInitialized(
        ref outbox, static () => Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueued) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = false }))!;

    /// <summary>Takes note of what the client said by <c>initialize</c>.</summary>
    public void Begin(string version, ReadOnlyMemory<byte> capabilities)
    {
        Version = version;
        Capabilities = capabilities;
    }

    /// <summary>Keeps it from counting as idle until disposed.</summary>
    public Usage Use()
    {
        Interlocked.Increment(ref inUse);
        return new Usage(this);
    }

    /// <summary>Takes the one stream for what belongs to no request; false when it is taken.</summary>
    public bool TryOpenStream() => Interlocked.Exchange(ref hasStream, 1) == 0;

    /// <summary>Gives it back.</summary>
    public void CloseStream() => Volatile.Write(ref hasStream, 0);

    /// <summary>Messages for the stream, as they come.</summary>
    public IAsyncEnumerable<byte[]> ReadAsync(CancellationToken cancellation) => Outbox.Reader.ReadAllAsync(cancellation);

    /// <summary>Queues a message for the stream. Of more than a thousand that nobody fetches the oldest are dropped.</summary>
    public void Post(byte[] message) => Outbox.Writer.TryWrite(message);

    /// <summary>Remembers a request, so that the client can cancel it.</summary>
    public void Running(ReadOnlySpan<byte> requestId, CancellationTokenSource cancel) => running[Encoding.UTF8.GetString(requestId)] = cancel;

    /// <summary>Forgets it.</summary>
    public void Done(ReadOnlySpan<byte> requestId) => running.TryRemove(Encoding.UTF8.GetString(requestId), out _);

    /// <summary>The client cancels a request.</summary>
    public void Cancel(ReadOnlySpan<byte> requestId)
    {
        if (running.TryRemove(Encoding.UTF8.GetString(requestId), out var cancel))
        {
            try
            {
                cancel.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended meanwhile.
            }
        }
    }

    /// <summary>Asks the client something and waits for the answer.</summary>
    public async ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, Func<byte[], ValueTask> send, CancellationToken cancellation)
    {
        var number = Interlocked.Increment(ref lastQuestion);
        var key = number.ToString(CultureInfo.InvariantCulture);
        var answer = new TaskCompletionSource<UpstreamReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        questions[key] = answer;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation, closed.Token);
        try
        {
            await send(RpcWriter.Request(number, method, parameters.Span)).ConfigureAwait(false);
            return await answer.Task.WaitAsync(ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (!closed.IsCancellationRequested)
            {
                await send(RpcWriter.Notification(Methods.Cancelled, JsonBytes.Utf8($$"""{"requestId":{{key}},"reason":"The server does not need the answer any more."}"""))).ConfigureAwait(false);
            }

            throw;
        }
        finally
        {
            questions.TryRemove(key, out _);
        }
    }

    /// <summary>The client answers; false when it was not asked.</summary>
    public bool Answer(RpcMessage response)
        => questions.TryRemove(Encoding.UTF8.GetString(response.Id.Span), out var answer)
            && answer.TrySetResult(response.Kind == RpcKind.Result ? UpstreamReply.Result(response.Body) : UpstreamReply.Error(response.Body));

    /// <summary>The client wants to hear of a resource; false when it watches too many.</summary>
    public bool Watch(string uri) => watched.Count < MaxWatched && (watched[uri] = true);

    /// <summary>Or not any more.</summary>
    public void Unwatch(string uri) => watched.TryRemove(uri, out _);

    /// <summary>Whether it wants to.</summary>
    public bool Watches(string uri) => watched.ContainsKey(uri);

    /// <inheritdoc/>
    public void Dispose()
    {
        closed.Cancel();
        outbox?.Writer.TryComplete();
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
