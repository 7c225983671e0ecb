using System.Collections.Concurrent;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>Streams by which servers without sessions tell of changes (<c>subscriptions/listen</c>).</summary>
internal sealed class Followers(Upstream upstream, TimeProvider time) : IDisposable
{
    private const int Max = 10_000;

    private readonly ConcurrentDictionary<(string Conversation, string Uri), CancellationTokenSource> streams = new();
    private readonly CancellationTokenSource closed = new();
    private int hasLists;

    /// <summary>Follows the lists of the server, from the first call on.</summary>
    public void Lists(UpstreamSession session)
    {
        var wanted = new List<string>();
        foreach (var (name, field) in new[] { ("tools", "toolsListChanged"), ("prompts", "promptsListChanged"), ("resources", "resourcesListChanged") })
        {
            if (JsonBytes.TryGet(session.Capabilities.Span, System.Text.Encoding.ASCII.GetBytes(name), out var capability) && JsonBytes.Flag(capability, "listChanged"u8) == true)
            {
                wanted.Add($"\"{field}\":true");
            }
        }

        if (wanted.Count > 0 && Interlocked.Exchange(ref hasLists, 1) == 0)
        {
            _ = FollowAsync(JsonBytes.Utf8($$$"""{"notifications":{{{{string.Join(',', wanted)}}}}}"""), HubCaller.Hub, HubPeer.Instance, closed.Token);
        }
    }

    /// <summary>Begins or ends watching a resource for a conversation.</summary>
    public UpstreamReply Watch(UpstreamRequest request, bool begins)
    {
        if (request.Peer.Conversation is not { } conversation || !JsonBytes.TryGet(request.Parameters.Span, "uri"u8, out var raw) || !JsonBytes.TryString(raw, out var uri))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The member uri is missing."));
        }

        if (!begins)
        {
            Stop((conversation, uri));
            return UpstreamReply.Result(JsonBytes.EmptyObject);
        }

        if (streams.Count >= Max)
        {
            return UpstreamReply.Failed(Faults.Busy(upstream.Settings.Id));
        }

        var ended = CancellationTokenSource.CreateLinkedTokenSource(closed.Token);
        if (streams.TryAdd((conversation, uri), ended))
        {
            _ = FollowAsync(JsonBytes.Utf8($$$"""{"notifications":{"resourceSubscriptions":[{{{System.Text.Encoding.UTF8.GetString(raw)}}}]}}"""), request.Caller, new WatchPeer(conversation, request.Peer), ended.Token);
        }
        else
        {
            ended.Dispose();
        }

        return UpstreamReply.Result(JsonBytes.EmptyObject);
    }

    /// <summary>Ends what is watched for a conversation.</summary>
    public void End(string conversation)
    {
        foreach (var key in streams.Keys.Where(k => k.Conversation == conversation))
        {
            Stop(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => closed.Cancel();

    private void Stop((string Conversation, string Uri) key)
    {
        if (streams.TryRemove(key, out var ended))
        {
            ended.Cancel();
            ended.Dispose();
        }
    }

    private async Task FollowAsync(byte[] parameters, HubCaller caller, IClientPeer peer, CancellationToken cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var waits = new StreamWaits(time);
        while (!cancellation.IsCancellationRequested)
        {
            waits.Begin();
            var reply = await upstream.SendAsync(
                new UpstreamRequest { Method = Methods.Listen, Parameters = parameters, Caller = caller, Peer = peer, Timeout = Timeout.InfiniteTimeSpan }, cancellation).ConfigureAwait(false);
            if (reply.IsError)
            {
                return;
            }

            await waits.NextAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Hears of a watched resource for a conversation.</summary>
    private sealed class WatchPeer(string conversation, IClientPeer client) : IClientPeer
    {
        public string? Conversation => conversation;

        public bool IsStateless => true;

        public ReadOnlyMemory<byte> Capabilities => client.Capabilities;

        public string? LogLevel => null;

        public IClientPeer? Standing => client.Standing;

        public ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation) => client.AskAsync(method, parameters, cancellation);
    }
}
