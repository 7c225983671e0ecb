using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;

namespace Gateway.McpHub.Upstreams;

/// <summary>The servers registered with the hub, whatever their transport and revision of the protocol.</summary>
internal interface IUpstreams
{
    /// <summary>How each server does, by id in ordinal order.</summary>
    IReadOnlyList<UpstreamStatus> Statuses { get; }

    /// <summary>Whether a server of this id is registered.</summary>
    bool Has(string server);

    /// <summary>
    /// The tools of a server: remembered, and asked for anew when the server says that they changed or when they are older than a minute. Those of a server
    /// that cannot be reached are the last it gave.
    /// </summary>
    ValueTask<UpstreamTools> ToolsAsync(string server, HubCaller caller, CancellationToken cancellation);

    /// <summary>
    /// Sends any request of the protocol to a server. The parameters are passed on whole, but for <c>_meta</c>'s members of the protocol itself. For calls of tools use
    /// <see cref="Gate.IToolCalls"/>: nothing is asked of the gate here.
    /// </summary>
    ValueTask<UpstreamReply> SendAsync(string server, UpstreamRequest request, CancellationToken cancellation);

    /// <summary>Raised when a server says that a list changed, comes or goes.</summary>
    event Action<UpstreamChange>? Changed;
}

/// <summary>A request to a server.</summary>
internal sealed record UpstreamRequest
{
    /// <summary>For example <c>tools/call</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The <c>params</c>, one JSON object.</summary>
    public required ReadOnlyMemory<byte> Parameters { get; init; }

    /// <summary>Who asks.</summary>
    public required HubCaller Caller { get; init; }

    /// <summary>Who hears of progress and answers the server's questions.</summary>
    public required IClientPeer Peer { get; init; }

    /// <summary>Time for the whole; null for the server's setting.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The tool, when one is called.</summary>
    public HubTool? Tool { get; init; }

    /// <summary>Whether doing it twice does no harm.</summary>
    public bool MayRepeat { get; init; }
}

/// <summary>The tools of a server.</summary>
/// <param name="Tools">In the server's order, each name once.</param>
/// <param name="Fault">Why the list may be old or empty; null when it is as the server gave it last.</param>
internal sealed record UpstreamTools(IReadOnlyList<HubTool> Tools, UpstreamFault? Fault)
{
    /// <summary>None.</summary>
    public static readonly UpstreamTools Empty = new([], null);

    private readonly Lazy<(Dictionary<string, HubTool> Own, Dictionary<string, HubTool> Public)> index = new(() =>
        (Tools.ToDictionary(t => t.Name, StringComparer.Ordinal), Tools.DistinctBy(t => t.PublicName, StringComparer.Ordinal).ToDictionary(t => t.PublicName, StringComparer.Ordinal)));

    /// <summary>The tool of a name: the server's own, or that which callers see where several servers are listed together.</summary>
    public HubTool? Find(string name, bool isBare) => (isBare ? index.Value.Own : index.Value.Public).GetValueOrDefault(name);
}

/// <summary>What changed at a server.</summary>
/// <param name="Server">Its id.</param>
/// <param name="Kind">What.</param>
/// <param name="Uri">The resource, when one was updated.</param>
internal readonly record struct UpstreamChange(string Server, UpstreamChangeKind Kind, string? Uri = null)
{
    /// <summary>The conversation that asked to be told; null when it concerns all.</summary>
    public string? Conversation { get; init; }

    /// <summary>The notification's own <c>params</c>, when there was one.</summary>
    public ReadOnlyMemory<byte> Parameters { get; init; }
}

/// <summary>What can change at a server.</summary>
internal enum UpstreamChangeKind
{
    /// <summary>Its tools.</summary>
    Tools,

    /// <summary>Its prompts.</summary>
    Prompts,

    /// <summary>Its resources or their templates.</summary>
    Resources,

    /// <summary>The content of one resource.</summary>
    Resource,
}
