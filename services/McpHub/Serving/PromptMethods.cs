using Gateway.McpHub.Bridging;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Serving;

/// <summary>Prompts: of one server under its own names, of several with the server's id before them.</summary>
internal sealed class PromptMethods(UpstreamDirectory directory, IToolGate gate, InputRounds sender)
{
    /// <summary>Answers <c>prompts/list</c> and <c>prompts/get</c>.</summary>
    public ValueTask<UpstreamReply> AnswerAsync(ClientCall call, CancellationToken cancellation)
        => call.Method == Methods.ListPrompts ? ListAsync(call, cancellation) : GetAsync(call, cancellation);

    /// <summary>Completes an argument of a prompt.</summary>
    public async ValueTask<UpstreamReply> CompleteAsync(ClientCall call, ReadOnlyMemory<byte> reference, CancellationToken cancellation)
    {
        if (!JsonBytes.TryGetString(reference.Span, "name"u8, out var name) || await FindAsync(call, name, cancellation).ConfigureAwait(false) is not { } found)
        {
            return Unknown();
        }

        var renamed = JsonBytes.With(reference.Span, "name"u8, JsonBytes.Text(found.Name));
        return await directory.SendAsync(found.Server, call.ToServer(JsonBytes.With(call.Parameters.Span, "ref"u8, renamed)), cancellation).ConfigureAwait(false);
    }

    private static UpstreamReply Unknown() => UpstreamReply.Error(RpcError.Object(RpcError.InvalidParams, "Unknown prompt. prompts/list names those there are."));

    private async ValueTask<UpstreamReply> ListAsync(ClientCall call, CancellationToken cancellation)
    {
        if (call.Scope.HasBareNames)
        {
            var reply = await directory.SendAsync(call.Scope.Id!, call.ToServer(), cancellation).ConfigureAwait(false);
            return ListFilter.Apply(reply, "prompts"u8, p => JsonBytes.TryGetString(p.Span, "name"u8, out var name) && gate.MayRead(call.Caller, call.Scope, call.Scope.Id!, HubFeature.Prompt, name));
        }

        var ids = directory.Ids;
        var lists = await Task.WhenAll(ids.Select(id => directory.ItemsAsync(id, HubFeature.Prompt, call.Caller, cancellation).AsTask())).ConfigureAwait(false);
        List<ReadOnlyMemory<byte>> shown = [];
        for (var i = 0; i < ids.Count; i++)
        {
            foreach (var item in lists[i].Items)
            {
                if (JsonBytes.TryGetString(item.Json.Span, "name"u8, out var name) && gate.MayRead(call.Caller, call.Scope, ids[i], HubFeature.Prompt, name))
                {
                    shown.Add(ListWriter.Named(item.Json, name, ToolNames.Public(ids[i], name)));
                }
            }
        }

        return UpstreamReply.Result(ListWriter.Write("prompts", shown));
    }

    private async ValueTask<UpstreamReply> GetAsync(ClientCall call, CancellationToken cancellation)
    {
        if (!JsonBytes.TryGetString(call.Parameters.Span, "name"u8, out var name) || await FindAsync(call, name, cancellation).ConfigureAwait(false) is not { } found)
        {
            return Unknown();
        }

        var reply = await sender.SendAsync(found.Server, call.ToServer(JsonBytes.With(call.Parameters.Span, "name"u8, JsonBytes.Text(found.Name))), cancellation).ConfigureAwait(false);
        gate.WasRead(call.Caller, found.Server);
        return reply;
    }

    private async ValueTask<(string Server, string Name)?> FindAsync(ClientCall call, string name, CancellationToken cancellation)
    {
        if (call.Scope.HasBareNames)
        {
            return gate.MayRead(call.Caller, call.Scope, call.Scope.Id!, HubFeature.Prompt, name) ? (call.Scope.Id!, name) : null;
        }

        if (ToolCatalogue.ServerOf(name) is not { } server || !directory.Has(server))
        {
            return null;
        }

        var items = await directory.ItemsAsync(server, HubFeature.Prompt, call.Caller, cancellation).ConfigureAwait(false);
        foreach (var item in items.Items)
        {
            if (JsonBytes.TryGetString(item.Json.Span, "name"u8, out var own) && ToolNames.Public(server, own) == name)
            {
                return gate.MayRead(call.Caller, call.Scope, server, HubFeature.Prompt, own) ? (server, own) : null;
            }
        }

        return null;
    }
}
