using System.Threading.Channels;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Serving;
using Gateway.McpHub.Upstreams;
using Gateway.ServiceDefaults.Drain;

namespace Gateway.McpHub.Transport;

/// <summary>Streams of changes for clients without sessions (<c>subscriptions/listen</c>).</summary>
internal sealed class ListenHandler(UpstreamDirectory directory, IToolGate gate, ResourceMethods resources, IDrain drain, TimeProvider time)
{
    private const int MaxWatched = 100;
    private const int MaxQueued = 1000;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>Serves a stream until the client goes or the hub stops.</summary>
    public async Task ServeAsync(HttpContext context, ClientCall call, ReadOnlyMemory<byte> id)
    {
        var filter = JsonBytes.TryGet(call.Parameters, "notifications"u8, out ReadOnlyMemory<byte> given) && JsonBytes.IsObject(given.Span) ? given : JsonBytes.EmptyObject;
        var wanted = new Wanted(
            JsonBytes.Flag(filter.Span, "toolsListChanged"u8) == true,
            call.Scope.Kind != HubScopeKind.Bundle && JsonBytes.Flag(filter.Span, "promptsListChanged"u8) == true,
            call.Scope.Kind != HubScopeKind.Bundle && JsonBytes.Flag(filter.Span, "resourcesListChanged"u8) == true,
            JsonBytes.TryGet(filter, "resourceSubscriptions"u8, out ReadOnlyMemory<byte> uris)
                ? [.. JsonBytes.Elements(uris).Take(MaxWatched).Select(u => JsonBytes.TryString(u.Span, out var uri) ? uri : "").Where(u => u.Length > 0).Distinct(StringComparer.Ordinal)]
                : []);
        var queue = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueued) { FullMode = BoundedChannelFullMode.DropOldest });
        var conversation = $"listen-{Guid.NewGuid():N}";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.Started);
        directory.Changed += OnChanged;
        gate.Changed += OnGateChanged;
        try
        {
            var watched = await WatchAsync(call, wanted.Uris, conversation, ended.Token).ConfigureAwait(false);
            ResponseStream.Begin(context);
            await ResponseStream.WriteAsync(context, Notification(Methods.Acknowledged, JsonBytes.With("{}"u8, "notifications"u8, wanted.Json(watched)), id), ended.Token).ConfigureAwait(false);
            await SendAsync(context, queue.Reader, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(context, id).ConfigureAwait(false);
        }
        finally
        {
            directory.Changed -= OnChanged;
            gate.Changed -= OnGateChanged;
            await directory.EndConversationAsync(conversation).ConfigureAwait(false);
        }

        void OnGateChanged(string? server)
        {
            if (wanted.Tools && (server is null || Concerns(call.Scope, server)))
            {
                queue.Writer.TryWrite(Notification(Methods.ToolsChanged, "{}"u8, id));
            }
        }

        void OnChanged(UpstreamChange change)
        {
            var method = change.Kind switch
            {
                UpstreamChangeKind.Tools when wanted.Tools => Methods.ToolsChanged,
                UpstreamChangeKind.Prompts when wanted.Prompts => Methods.PromptsChanged,
                UpstreamChangeKind.Resources when wanted.Resources => Methods.ResourcesChanged,
                UpstreamChangeKind.Resource when change.Uri is { } uri && wanted.Uris.Contains(uri) && (change.Conversation is null || change.Conversation == conversation) => Methods.ResourceUpdated,
                _ => null,
            };
            if (method is not null && Concerns(call.Scope, change.Server))
            {
                queue.Writer.TryWrite(Notification(method, method == Methods.ResourceUpdated ? change.Parameters.Span : "{}"u8, id));
            }
        }
    }

    private static bool Concerns(HubScope scope, string server) => scope.Kind != HubScopeKind.Server || scope.Id == server;

    private static byte[] Notification(string method, ReadOnlySpan<byte> parameters, ReadOnlyMemory<byte> id)
        => RpcWriter.Notification(method, Meta.With(parameters.ToArray(), Meta.SubscriptionId, id.Span).Span);

    private async ValueTask<List<string>> WatchAsync(ClientCall call, IReadOnlyCollection<string> uris, string conversation, CancellationToken cancellation)
    {
        List<string> watched = [];
        if (call.Scope.Kind == HubScopeKind.Bundle)
        {
            return watched;
        }

        var peer = new ListenPeer(conversation, call.Peer.Capabilities);
        foreach (var uri in uris)
        {
            var asked = call with { Method = Methods.Subscribe, Peer = peer, Parameters = JsonBytes.With("{}"u8, "uri"u8, JsonBytes.Text(uri)) };
            if ((await resources.WatchAsync(asked, cancellation).ConfigureAwait(false)).IsResult)
            {
                watched.Add(uri);
            }
        }

        return watched;
    }

    private async ValueTask SendAsync(HttpContext context, ChannelReader<byte[]> queue, CancellationToken cancellation)
    {
        while (true)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var more = queue.WaitToReadAsync(enough.Token).AsTask();
            if (await Task.WhenAny(more, Task.Delay(Silence, time, enough.Token)).ConfigureAwait(false) != more)
            {
                await enough.CancelAsync().ConfigureAwait(false);
                await ((Task)more).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellation.ThrowIfCancellationRequested();
                await context.Response.Body.WriteAsync(":\n\n"u8.ToArray(), cancellation).ConfigureAwait(false);
                await context.Response.Body.FlushAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            await enough.CancelAsync().ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (!await more.ConfigureAwait(false))
            {
                // Nothing more will come.
                return;
            }

            while (queue.TryRead(out var message))
            {
                await ResponseStream.WriteAsync(context, message, cancellation).ConfigureAwait(false);
            }
        }
    }

    // The hub stops: the client is told that nothing went wrong.
    private static async ValueTask EndAsync(HttpContext context, ReadOnlyMemory<byte> id)
    {
        if (context.RequestAborted.IsCancellationRequested || !context.Response.HasStarted)
        {
            return;
        }

        var result = Meta.With("{\"resultType\":\"complete\"}"u8.ToArray(), Meta.SubscriptionId, id.Span);
        await ResponseStream.WriteAsync(context, RpcWriter.Result(id.Span, result.Span), context.RequestAborted).ConfigureAwait(false);
    }

    private sealed record Wanted(bool Tools, bool Prompts, bool Resources, IReadOnlyCollection<string> Uris)
    {
        public byte[] Json(List<string> watched)
        {
            var json = "{}"u8.ToArray();
            json = Tools ? JsonBytes.With(json, "toolsListChanged"u8, "true"u8) : json;
            json = Prompts ? JsonBytes.With(json, "promptsListChanged"u8, "true"u8) : json;
            json = Resources ? JsonBytes.With(json, "resourcesListChanged"u8, "true"u8) : json;
            return watched.Count == 0 ? json
                : JsonBytes.With(json, "resourceSubscriptions"u8, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(watched, ProtocolJson.Default.ListString));
        }
    }

    private sealed class ListenPeer(string conversation, ReadOnlyMemory<byte> capabilities) : IClientPeer
    {
        public string? Conversation => conversation;

        public bool IsStateless => true;

        public ReadOnlyMemory<byte> Capabilities => capabilities;

        public string? LogLevel => null;

        public IClientPeer? Standing => this;

        public bool WantsStream => true;

        public ValueTask NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask<UpstreamReply> AskAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
            => NoPeer.Instance.AskAsync(method, parameters, cancellation);
    }
}
