using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Serving;

/// <summary>Answers requests of clients, whichever transport and revision they came by.</summary>
internal sealed class HubServer(
    IToolCatalogue catalogue, IToolCalls calls, IEnumerable<IMetaTools> metaTools, PromptMethods prompts, ResourceMethods resources, UpstreamDirectory directory)
{
    private readonly IMetaTools[] meta = [.. metaTools];

    /// <summary>Answers a request.</summary>
    public async ValueTask<UpstreamReply> AnswerAsync(ClientCall call, CancellationToken cancellation)
    {
        switch (call.Method)
        {
            case Methods.CallTool:
                return await CallAsync(call, cancellation).ConfigureAwait(false);
            case Methods.ListTools:
                return await ListAsync(call, cancellation).ConfigureAwait(false);
            case Methods.ListPrompts or Methods.GetPrompt when call.Scope.Kind != HubScopeKind.Bundle:
                return await prompts.AnswerAsync(call, cancellation).ConfigureAwait(false);
            case Methods.ListResources or Methods.ListTemplates or Methods.ReadResource when call.Scope.Kind != HubScopeKind.Bundle:
                return await resources.AnswerAsync(call, cancellation).ConfigureAwait(false);
            case Methods.Complete when call.Scope.Kind != HubScopeKind.Bundle:
                return await CompleteAsync(call, cancellation).ConfigureAwait(false);
            case Methods.Ping when !call.Peer.IsStateless:
                return UpstreamReply.Result(JsonBytes.EmptyObject);
            case Methods.Subscribe or Methods.Unsubscribe when !call.Peer.IsStateless && call.Scope.Kind != HubScopeKind.Bundle:
                return await resources.WatchAsync(call, cancellation).ConfigureAwait(false);
            default:
                return UpstreamReply.Error(RpcError.Object(RpcError.MethodNotFound, $"Method not found: {(call.Method.Length <= 100 ? call.Method : call.Method[..100])}"));
        }
    }

    private async ValueTask<UpstreamReply> CallAsync(ClientCall call, CancellationToken cancellation)
    {
        if (!JsonBytes.TryGetString(call.Parameters.Span, "name"u8, out var name))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The member name is missing: which tool is to be called?"));
        }

        foreach (var own in meta)
        {
            if (own.Has(call.Caller, call.Scope, name))
            {
                return await own.CallAsync(call.Caller, call.Scope, name, call.Parameters, call.Peer, cancellation).ConfigureAwait(false);
            }
        }

        return await calls.CallAsync(call.Caller, call.Scope, name, call.Parameters, call.Peer, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<UpstreamReply> ListAsync(ClientCall call, CancellationToken cancellation)
    {
        var tools = await catalogue.ListAsync(call.Caller, call.Scope, cancellation).ConfigureAwait(false);
        foreach (var own in meta)
        {
            tools = own.Shown(call.Caller, call.Scope, tools);
        }

        // Of a single server that nobody has ever reached there is nothing to be said but why.
        if (tools.Count == 0 && call.Scope.Kind == HubScopeKind.Server
            && (await directory.ToolsAsync(call.Scope.Id!, call.Caller, cancellation).ConfigureAwait(false)).Fault is { } fault)
        {
            return UpstreamReply.Failed(fault);
        }

        return UpstreamReply.Result(ListWriter.Write("tools", tools.Select(t => ListWriter.Named(t.Tool.Definition, t.Tool.Name, t.Name))));
    }

    private async ValueTask<UpstreamReply> CompleteAsync(ClientCall call, CancellationToken cancellation)
    {
        if (!JsonBytes.TryGet(call.Parameters, "ref"u8, out ReadOnlyMemory<byte> reference) || !JsonBytes.TryGetString(reference.Span, "type"u8, out var type))
        {
            return UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "The member ref is missing: what is to be completed?"));
        }

        return type == "ref/prompt"
            ? await prompts.CompleteAsync(call, reference, cancellation).ConfigureAwait(false)
            : await resources.CompleteAsync(call, reference, cancellation).ConfigureAwait(false);
    }
}
