using System.Text;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Serving;

/// <summary>What the hub says of itself: at the address of one server what that server says, else what it does for all.</summary>
internal sealed class HubDescription(UpstreamDirectory directory, HubIdentity identity)
{
    private static readonly byte[] AllCapabilities = Encoding.UTF8.GetBytes(
        """{"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"logging":{},"completions":{}}""");

    private static readonly byte[] ToolsOnly = Encoding.UTF8.GetBytes("""{"tools":{"listChanged":true},"logging":{}}""");
    private static readonly byte[] AllInstructions = JsonBytes.Text("The tools of the servers registered with the gateway. Names begin with the server's id and two underscores.");

    /// <summary>The result of <c>initialize</c>.</summary>
    public async ValueTask<byte[]> InitializeAsync(HubCaller caller, HubScope scope, IClientPeer peer, string version, CancellationToken cancellation)
    {
        var (capabilities, info, instructions) = await DescribeAsync(caller, scope, peer, cancellation).ConfigureAwait(false);
        var result = JsonBytes.With("{}"u8, "protocolVersion"u8, JsonBytes.Text(version));
        result = JsonBytes.With(result, "capabilities"u8, capabilities.Span);
        result = JsonBytes.With(result, "serverInfo"u8, info.Span);
        return JsonBytes.With(result, "instructions"u8, instructions.Span);
    }

    /// <summary>The result of <c>server/discover</c>.</summary>
    public async ValueTask<byte[]> DiscoverAsync(HubCaller caller, HubScope scope, IClientPeer peer, CancellationToken cancellation)
    {
        var (capabilities, info, instructions) = await DescribeAsync(caller, scope, peer, cancellation).ConfigureAwait(false);
        var result = JsonBytes.With("{}"u8, "supportedVersions"u8, Encoding.UTF8.GetBytes($"[\"{Revisions.V2026}\"]"));
        result = JsonBytes.With(result, "capabilities"u8, capabilities.Span);
        result = JsonBytes.With(result, "instructions"u8, instructions.Span);
        return JsonBytes.With(result, Meta.Name, JsonBytes.With("{}"u8, Meta.ServerInfo, info.Span));
    }

    private async ValueTask<(ReadOnlyMemory<byte> Capabilities, ReadOnlyMemory<byte> Info, ReadOnlyMemory<byte> Instructions)> DescribeAsync(
        HubCaller caller, HubScope scope, IClientPeer peer, CancellationToken cancellation)
    {
        if (scope.Kind == HubScopeKind.All)
        {
            return (AllCapabilities, identity.Json, AllInstructions);
        }

        if (scope.Kind == HubScopeKind.Bundle)
        {
            return (ToolsOnly, identity.Json, default);
        }

        var opened = await directory.SessionAsync(
            scope.Id!, new UpstreamRequest { Method = Methods.Discover, Parameters = JsonBytes.EmptyObject, Caller = caller, Peer = peer }, cancellation).ConfigureAwait(false);
        if (opened.Session is not { } session)
        {
            // A server that is away now may be back by the first call.
            return (AllCapabilities, identity.Json, default);
        }

        var capabilities = JsonBytes.Without(session.Capabilities.Span, "tasks"u8);
        if (session.Can("tools"u8))
        {
            // The gate may withhold and give back tools, whatever the server itself does.
            capabilities = JsonBytes.With(capabilities, "tools"u8, "{\"listChanged\":true}"u8);
        }

        return (capabilities, session.ServerInfo.IsEmpty ? identity.Json : session.ServerInfo, session.Instructions);
    }
}
