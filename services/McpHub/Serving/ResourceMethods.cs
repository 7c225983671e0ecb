using Gateway.McpHub.Bridging;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Serving;

/// <summary>
/// Resources. URIs stay as servers gave them, for results refer to them. Where several servers are listed together, a URI is the first server's, by id, that lists it, then the
/// first's with a template that fits it.
/// </summary>
internal sealed class ResourceMethods(UpstreamDirectory directory, IToolGate gate, InputRounds sender)
{
    /// <summary>Answers <c>resources/list</c>, <c>resources/templates/list</c> and <c>resources/read</c>.</summary>
    public ValueTask<UpstreamReply> AnswerAsync(ClientCall call, CancellationToken cancellation)
        => call.Method == Methods.ReadResource ? ReadAsync(call, cancellation) : ListAsync(call, cancellation);

    /// <summary>Begins or ends watching a resource.</summary>
    public async ValueTask<UpstreamReply> WatchAsync(ClientCall call, CancellationToken cancellation)
        => JsonBytes.TryGetString(call.Parameters.Span, "uri"u8, out var uri) && await OwnerAsync(call, uri, cancellation).ConfigureAwait(false) is { } server
            ? await directory.WatchAsync(server, call.ToServer(), cancellation).ConfigureAwait(false)
            : Unknown(call);

    /// <summary>Completes an argument of a template.</summary>
    public async ValueTask<UpstreamReply> CompleteAsync(ClientCall call, ReadOnlyMemory<byte> reference, CancellationToken cancellation)
        => JsonBytes.TryGetString(reference.Span, "uri"u8, out var uri) && await OwnerAsync(call, uri, cancellation).ConfigureAwait(false) is { } server
            ? await directory.SendAsync(server, call.ToServer(), cancellation).ConfigureAwait(false)
            : Unknown(call);

    private static UpstreamReply Unknown(ClientCall call)
    {
        var data = JsonBytes.TryGet(call.Parameters.Span, "uri"u8, out var uri) ? JsonBytes.With("{}"u8, "uri"u8, uri) : default;
        return UpstreamReply.Error(RpcError.Object(call.Peer.IsStateless ? RpcError.InvalidParams : RpcError.ResourceNotFound, "Resource not found.", data));
    }

    private async ValueTask<UpstreamReply> ListAsync(ClientCall call, CancellationToken cancellation)
    {
        var isTemplates = call.Method == Methods.ListTemplates;
        var kind = isTemplates ? HubFeature.ResourceTemplate : HubFeature.Resource;
        if (call.Scope.HasBareNames)
        {
            var reply = await directory.SendAsync(call.Scope.Id!, call.ToServer(), cancellation).ConfigureAwait(false);
            return ListFilter.Apply(reply, isTemplates ? "resourceTemplates"u8 : "resources"u8, r => UriOf(r, isTemplates) is { } uri && gate.MayRead(call.Caller, call.Scope, call.Scope.Id!, kind, uri));
        }

        var ids = directory.Ids;
        var lists = await Task.WhenAll(ids.Select(id => directory.ItemsAsync(id, kind, call.Caller, cancellation).AsTask())).ConfigureAwait(false);
        var uris = new HashSet<string>(StringComparer.Ordinal);
        List<ReadOnlyMemory<byte>> shown = [];
        for (var i = 0; i < ids.Count; i++)
        {
            foreach (var item in lists[i].Items)
            {
                if (UriOf(item.Json, isTemplates) is { } uri && gate.MayRead(call.Caller, call.Scope, ids[i], kind, uri) && uris.Add(uri))
                {
                    shown.Add(item.Json);
                }
            }
        }

        return UpstreamReply.Result(ListWriter.Write(isTemplates ? "resourceTemplates" : "resources", shown));
    }

    private async ValueTask<UpstreamReply> ReadAsync(ClientCall call, CancellationToken cancellation)
    {
        if (!JsonBytes.TryGet(call.Parameters.Span, "uri"u8, out var raw) || !JsonBytes.TryString(raw, out var uri))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The member uri is missing: which resource is to be read?"));
        }

        // Set once: a member that was there twice must not be one thing here and another there.
        var parameters = JsonBytes.With(call.Parameters.Span, "uri"u8, raw);
        if (await OwnerAsync(call, uri, cancellation).ConfigureAwait(false) is not { } server)
        {
            return Unknown(call);
        }

        var reply = await sender.SendAsync(server, call.ToServer(parameters), cancellation).ConfigureAwait(false);
        gate.WasRead(call.Caller, server);
        return reply;
    }

    private async ValueTask<string?> OwnerAsync(ClientCall call, string uri, CancellationToken cancellation)
    {
        if (call.Scope.HasBareNames)
        {
            return gate.MayRead(call.Caller, call.Scope, call.Scope.Id!, HubFeature.Resource, uri) ? call.Scope.Id : null;
        }

        foreach (var isTemplates in new[] { false, true })
        {
            foreach (var id in directory.Ids)
            {
                var items = await directory.ItemsAsync(id, isTemplates ? HubFeature.ResourceTemplate : HubFeature.Resource, call.Caller, cancellation).ConfigureAwait(false);
                if (items.Items.Any(i => UriOf(i.Json, isTemplates) is { } listed && (listed == uri || (isTemplates && UriTemplates.Fits(listed, uri))))
                    && gate.MayRead(call.Caller, call.Scope, id, HubFeature.Resource, uri))
                {
                    return id;
                }
            }
        }

        return null;
    }

    private static string? UriOf(ReadOnlyMemory<byte> item, bool isTemplate)
        => JsonBytes.TryGetString(item.Span, isTemplate ? "uriTemplate"u8 : "uri"u8, out var uri) ? uri : null;
}
