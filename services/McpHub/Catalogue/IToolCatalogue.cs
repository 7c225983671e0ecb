using Gateway.McpHub.Callers;

namespace Gateway.McpHub.Catalogue;

/// <summary>The tools that callers see: what the servers list, less what <see cref="Gate.IToolGate"/> withholds.</summary>
internal interface IToolCatalogue
{
    /// <summary>The tools of a scope that the caller may use, by name in ordinal order. A server that cannot be reached contributes what it last listed.</summary>
    ValueTask<IReadOnlyList<ListedTool>> ListAsync(HubCaller caller, HubScope scope, CancellationToken cancellation);

    /// <summary>One tool by the name that the caller sees; null when there is none of that name or the caller may not use it, which he cannot tell apart.</summary>
    ValueTask<ListedTool?> FindAsync(HubCaller caller, HubScope scope, string name, CancellationToken cancellation);
}

/// <summary>A tool under the name by which a caller knows it.</summary>
/// <param name="Name">The name in this scope.</param>
/// <param name="Tool">The tool.</param>
internal readonly record struct ListedTool(string Name, HubTool Tool);
