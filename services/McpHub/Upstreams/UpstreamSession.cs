using System.Collections.Concurrent;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>A conversation with a server: what was agreed on, requests under way, and what the server says and asks meanwhile.</summary>
internal sealed class UpstreamSession(Wire wire, UpstreamSettings settings, HubIdentity identity, IClientPeer? standing, Action<UpstreamChange> changed, TimeProvider time)
    : IWireOwner, IAsyncDisposable
{
    private static readonly TimeSpan CancelTime = TimeSpan.FromSeconds(5);

    // An older server may not answer at all what it does not know.
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<long, Inflight> inflights = new();
    private readonly Questions questions = new(wire);
    private long lastId;
    private long lastUsed = time.GetTimestamp();
    private string? logLevel;

    /// <summary>The revision that is spoken.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Whether it is one without sessions.</summary>
    public bool IsStateless { get; private set; }

    /// <summary>What the server can do: its <c>capabilities</c> object.</summary>
    public ReadOnlyMemory<byte> Capabilities { get; private set; } = JsonBytes.EmptyObject;

    /// <summary>What the server calls itself; empty when it does not say.</summary>
    public ReadOnlyMemory<byte> ServerInfo { get; private set; }

    /// <summary>What the server wants models to know; empty when nothing.</summary>
    public ReadOnlyMemory<byte> Instructions { get; private set; }

    /// <summary>Whether it can still be used.</summary>
    public bool IsAlive => wire.IsAlive;

    /// <summary>Whether nothing is under way.</summary>
    public bool IsQuiet => inflights.IsEmpty && questions.IsEmpty;

    /// <summary>How long nothing was asked.</summary>
    public TimeSpan Idle => IsQuiet ? time.GetElapsedTime(Interlocked.Read(ref lastUsed)) : TimeSpan.Zero;

    /// <summary>Whether the server says that it has a capability.</summary>
    public bool Can(ReadOnlySpan<byte> name) => JsonBytes.TryGet(Capabilities.Span, name, out _);

    /// <summary>Opens the stream for messages that belong to no request.</summary>
    public void OpenStream() => wire.OpenStream();

    /// <summary>Begins a session by <c>initialize</c>; null when it stands.</summary>
    public async ValueTask<UpstreamReply?> InitializeAsync(ReadOnlyMemory<byte> capabilities, CancellationToken cancellation)
    {
        var parameters = JsonBytes.With("{}"u8, "protocolVersion"u8, JsonBytes.Text(Revisions.V2025November));
        parameters = JsonBytes.With(JsonBytes.With(parameters, "capabilities"u8, ClientCapabilities.ForServer(capabilities).Span), "clientInfo"u8, identity.Json);
        var reply = await ExchangeAsync(Methods.Initialize, parameters, NoPeer.Instance, null, cancellation).ConfigureAwait(false);
        if (!reply.IsResult)
        {
            return reply;
        }

        if (!JsonBytes.TryGetString(reply.Json.Span, "protocolVersion"u8, out var agreed) || !Revisions.WithSessions.Contains(agreed, StringComparer.Ordinal))
        {
            return UpstreamReply.Failed(Faults.Unsupported(settings.Id, agreed));
        }

        Version = agreed;
        wire.Agreed(agreed);
        Take(reply.Json);
        ServerInfo = JsonBytes.TryGet(reply.Json, "serverInfo"u8, out ReadOnlyMemory<byte> info) ? info : default;
        return await wire.TellAsync(RpcWriter.Notification(Methods.Initialized, "{}"u8), cancellation).ConfigureAwait(false) is { } fault ? UpstreamReply.Failed(fault) : null;
    }

    /// <summary>Asks a server without sessions what it is; null when it knows a revision that the hub knows.</summary>
    public async ValueTask<UpstreamReply?> DiscoverAsync(CancellationToken cancellation)
    {
        Version = Revisions.V2026;
        IsStateless = true;
        wire.Agreed(Version);
        var reply = await SendAsync(
            new UpstreamRequest { Method = Methods.Discover, Parameters = JsonBytes.EmptyObject, Caller = Callers.HubCaller.Hub, Peer = HubPeer.Instance, Timeout = ProbeTime }, cancellation).ConfigureAwait(false);
        if (!reply.IsResult)
        {
            return reply;
        }

        if (!JsonBytes.TryGet(reply.Json, "supportedVersions"u8, out ReadOnlyMemory<byte> supported)
            || !JsonBytes.Elements(supported).Any(v => JsonBytes.TryString(v.Span, out var text) && Revisions.Stateless.Contains(text, StringComparer.Ordinal)))
        {
            return UpstreamReply.Failed(Faults.Unsupported(settings.Id, null));
        }

        Take(reply.Json);
        ServerInfo = JsonBytes.TryGet(Meta.Of(reply.Json), Meta.ServerInfo, out ReadOnlyMemory<byte> info) ? info : default;
        return null;
    }

    /// <summary>Sends a request and waits for the answer, as long as the settings or the request allow.</summary>
    public async ValueTask<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellation)
    {
        Interlocked.Exchange(ref lastUsed, time.GetTimestamp());
        var stateless = IsStateless ? new StatelessFields(identity.Version2026, identity.Json, ClientCapabilities.ForServer(request.Peer.Capabilities), request.Peer.LogLevel) : null;
        if (stateless is null && request.Peer.LogLevel is { } wanted)
        {
            await RaiseLogLevelAsync(wanted, cancellation).ConfigureAwait(false);
        }

        var headers = IsStateless && wire.HasBothGenerations ? MirroredHeaders.Of(request) : null;
        var limit = request.Timeout ?? settings.Timeout;
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = limit == Timeout.InfiniteTimeSpan ? null : time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), timed, limit, Timeout.InfiniteTimeSpan);
        try
        {
            return (await ExchangeAsync(request.Method, request.Parameters, request.Peer, new Sending(stateless, headers), timed.Token).ConfigureAwait(false)).WithoutReserved();
        }
        catch (OperationCanceledException)
        {
            return UpstreamReply.Failed(cancellation.IsCancellationRequested ? Faults.Cancelled() : Faults.TimedOut(settings.Id, limit));
        }
        finally
        {
            Interlocked.Exchange(ref lastUsed, time.GetTimestamp());
        }
    }

    /// <summary>Sends a notification.</summary>
    public ValueTask<UpstreamFault?> NotifyAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken cancellation)
        => wire.TellAsync(RpcWriter.Notification(method, parameters.Span), cancellation);

    /// <inheritdoc/>
    public async ValueTask ReceiveAsync(RpcMessage received, Inflight? inflight)
    {
        var message = received.WithBody(ReservedMeta.Without(received.Body));
        if (message.Kind == RpcKind.Request)
        {
            questions.Ask(message, PeerFor(inflight));
            return;
        }

        switch (message.Method)
        {
            case Methods.Progress:
                await ProgressAsync(message.Body).ConfigureAwait(false);
                break;
            case Methods.Cancelled:
                questions.Cancel(message.Body);
                break;
            case Methods.ToolsChanged:
                changed(new UpstreamChange(settings.Id, UpstreamChangeKind.Tools));
                break;
            case Methods.PromptsChanged:
                changed(new UpstreamChange(settings.Id, UpstreamChangeKind.Prompts));
                break;
            case Methods.ResourcesChanged:
                changed(new UpstreamChange(settings.Id, UpstreamChangeKind.Resources));
                break;
            case Methods.ResourceUpdated:
                changed(new UpstreamChange(settings.Id, UpstreamChangeKind.Resource, JsonBytes.TryGetString(message.Body.Span, "uri"u8, out var uri) ? uri : null)
                {
                    Conversation = standing?.Conversation,
                    Parameters = message.Body,
                });
                break;
            case Methods.Acknowledged:
                break;
            default:
                if (PeerFor(inflight) is { } peer)
                {
                    await peer.NotifyAsync(message.Method, message.Body, CancellationToken.None).ConfigureAwait(false);
                }

                break;
        }
    }

    /// <inheritdoc/>
    public void Lost(UpstreamFault fault)
    {
        foreach (var inflight in inflights.Values)
        {
            inflight.Answer.TrySetResult(UpstreamReply.Failed(fault));
        }

        questions.CancelAll();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        questions.CancelAll();
        await wire.DisposeAsync().ConfigureAwait(false);
        Lost(Faults.SessionLost(settings.Id));
    }

    private async ValueTask<UpstreamReply> ExchangeAsync(string method, ReadOnlyMemory<byte> parameters, IClientPeer peer, Sending? sending, CancellationToken cancellation)
    {
        var id = Interlocked.Increment(ref lastId);
        ReadOnlyMemory<byte> token = default;
        var sent = sending is null ? parameters : Rewriting.ToServer(parameters, id, sending.Stateless, out token);
        var inflight = new Inflight(id, peer, token);
        inflights[id] = inflight;
        try
        {
            return await wire.RequestAsync(new WireRequest(inflight, method, RpcWriter.Request(id, method, sent.Span), sending?.Headers), cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (method != Methods.Initialize)
        {
            await CancelAsync(id).ConfigureAwait(false);
            throw;
        }
        finally
        {
            inflights.TryRemove(id, out _);
        }
    }

    // Over HTTP without sessions the end of the connection says it.
    private async ValueTask CancelAsync(long id)
    {
        if ((IsStateless && wire.HasBothGenerations) || !wire.IsAlive)
        {
            return;
        }

        using var limit = new CancellationTokenSource(CancelTime, time);
        try
        {
            await NotifyAsync(Methods.Cancelled, JsonBytes.Utf8($$"""{"requestId":{{id}},"reason":"The caller cancelled the request, or its time was over."}"""), limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The server does not even take that.
        }
    }

    private void Take(ReadOnlyMemory<byte> result)
    {
        Capabilities = JsonBytes.TryGet(result, "capabilities"u8, out ReadOnlyMemory<byte> capabilities) && JsonBytes.IsObject(capabilities.Span) ? capabilities : JsonBytes.EmptyObject;
        Instructions = JsonBytes.TryGet(result, "instructions"u8, out ReadOnlyMemory<byte> instructions) && instructions.Span[0] == (byte)'"' ? instructions : default;
    }

    private async ValueTask ProgressAsync(ReadOnlyMemory<byte> parameters)
    {
        if (JsonBytes.TryGet(parameters.Span, Meta.ProgressToken, out var raw)
            && System.Buffers.Text.Utf8Parser.TryParse(raw, out long id, out var used) && used == raw.Length
            && inflights.TryGetValue(id, out var inflight) && !inflight.ProgressToken.IsEmpty)
        {
            await inflight.Peer.NotifyAsync(Methods.Progress, JsonBytes.With(parameters.Span, Meta.ProgressToken, inflight.ProgressToken.Span), CancellationToken.None).ConfigureAwait(false);
        }
    }

    // On a wire that all share, a message is for whoever began the conversation, or for the only one who waits.
    private IClientPeer? PeerFor(Inflight? inflight)
    {
        if (inflight is not null)
        {
            return inflight.Peer;
        }

        var waiting = inflights.Values.Take(2).ToList();
        return waiting is [var only] ? only.Peer : standing;
    }

    private async ValueTask RaiseLogLevelAsync(string wanted, CancellationToken cancellation)
    {
        if (!Can("logging"u8) || (logLevel is not null && LogLevels.Of(wanted) >= LogLevels.Of(logLevel)))
        {
            return;
        }

        logLevel = wanted;
        await SendAsync(
            new UpstreamRequest
            {
                Method = Methods.SetLevel, Parameters = JsonBytes.With(JsonBytes.EmptyObject.Span, "level"u8, JsonBytes.Text(wanted)), Caller = Callers.HubCaller.Hub, Peer = NoPeer.Instance, Timeout = CancelTime,
            },
            cancellation).ConfigureAwait(false);
    }

    private sealed record Sending(StatelessFields? Stateless, IReadOnlyList<KeyValuePair<string, string>>? Headers);
}
