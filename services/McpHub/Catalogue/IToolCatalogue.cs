using ModelContextProtocol.Protocol;

namespace Gateway.McpHub.Catalogue;

/// <summary>The tools that the hub offers, gathered from the upstream servers registered with it.</summary>
internal interface IToolCatalogue
{
    /// <summary>All tools, by unique name.</summary>
    IReadOnlyList<Tool> Tools { get; }

    /// <summary>Calls a tool; null when there is none of that name.</summary>
    ValueTask<CallToolResult?> CallAsync(CallToolRequestParams call, CancellationToken cancellationToken);
}

/// <summary>What the hub offers while no upstream server is registered: nothing.</summary>
internal sealed class EmptyToolCatalogue : IToolCatalogue
{
    public IReadOnlyList<Tool> Tools => [];

    public ValueTask<CallToolResult?> CallAsync(CallToolRequestParams call, CancellationToken cancellationToken) => ValueTask.FromResult<CallToolResult?>(null);
}
