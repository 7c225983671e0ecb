using Gateway.McpHub.Callers;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Catalogue;

/// <summary>The tools of the registered servers, as far as the gate shows them.</summary>
internal sealed class ToolCatalogue(UpstreamDirectory directory, IHubServers registration, IToolGate gate) : IToolCatalogue
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ListedTool>> ListAsync(HubCaller caller, HubScope scope, CancellationToken cancellation)
    {
        var bundle = BundlePatterns.Of(registration.Current, scope);
        var servers = scope.Kind == HubScopeKind.Server ? [scope.Id!] : directory.Ids.Where(id => bundle?.MayHave(id) != false).ToList();
        var lists = await Task.WhenAll(servers.Select(id => directory.ToolsAsync(id, caller, cancellation).AsTask())).ConfigureAwait(false);
        var shown = lists.SelectMany(l => l.Tools)
            .Where(t => bundle?.Has(t) != false && gate.MayList(caller, scope, t))
            .Select(t => new ListedTool(scope.HasBareNames ? t.Name : t.PublicName, t));

        // One server's own order may mean something; that of several is to be the same each time.
        return scope.HasBareNames ? [.. shown] : [.. shown.DistinctBy(t => t.Name, StringComparer.Ordinal).OrderBy(t => t.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask<ListedTool?> FindAsync(HubCaller caller, HubScope scope, string name, CancellationToken cancellation)
    {
        var server = scope.HasBareNames ? scope.Id! : ServerOf(name);
        if (server is null || !directory.Has(server))
        {
            return null;
        }

        var tools = await directory.ToolsAsync(server, caller, cancellation).ConfigureAwait(false);
        var found = tools.Find(name, scope.HasBareNames);
        if (found is null && scope.HasBareNames && registration.Current.Servers.GetValueOrDefault(server) is { CallUnlisted: true })
        {
            found = HubTool.Read(server, JsonBytes.With("{\"inputSchema\":{\"type\":\"object\"}}"u8, "name"u8, JsonBytes.Text(name)));
        }

        return found is { } tool && BundlePatterns.Of(registration.Current, scope)?.Has(tool) != false && gate.MayList(caller, scope, tool)
            ? new ListedTool(name, tool)
            : null;
    }

    /// <summary>The server that a name with its id is of; null when it names none. Ids hold no two underscores in a row.</summary>
    public static string? ServerOf(string name) => name.IndexOf(ToolNames.Separator, StringComparison.Ordinal) is > 0 and var at ? name[..at] : null;
}
