using System.Collections.Concurrent;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Configuration;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;

namespace Gateway.McpHub.Upstreams;

/// <summary>What one server lists, remembered for each of its identities.</summary>
internal sealed class Listings(UpstreamSettings settings, Upstream upstream, TimeProvider time)
{
    private const int MaxIdentities = 10_000;

    private readonly ConcurrentDictionary<(UpstreamChangeKind Kind, bool IsTemplates, string Identity), Listing> lists = new();
    private volatile IReadOnlyList<string> duplicates = [];

    /// <summary>Tool names that the server lists more than once.</summary>
    public IReadOnlyList<string> DuplicateNames => duplicates;

    /// <summary>The tools; the first of each name, without those whose headers the protocol forbids to use.</summary>
    public async ValueTask<UpstreamTools> ToolsAsync(HubCaller caller, CancellationToken cancellation)
    {
        var list = Of(UpstreamChangeKind.Tools, false, caller);
        var items = await list.GetAsync(cancellation).ConfigureAwait(false);
        if (list.Derived is (ListItems source, UpstreamTools made) && source == items)
        {
            return made;
        }

        var tools = new UpstreamTools(Read(items), items.Fault);
        list.Derived = (items, tools);
        return tools;
    }

    /// <summary>Prompts, resources or templates, as they are listed.</summary>
    public ValueTask<ListItems> ItemsAsync(HubFeature kind, HubCaller caller, CancellationToken cancellation)
        => Of(kind == HubFeature.Prompt ? UpstreamChangeKind.Prompts : UpstreamChangeKind.Resources, kind == HubFeature.ResourceTemplate, caller).GetAsync(cancellation);

    /// <summary>Has lists asked for anew.</summary>
    public void Forget(UpstreamChangeKind kind)
    {
        foreach (var (key, list) in lists)
        {
            if (key.Kind == kind)
            {
                list.Forget();
            }
        }
    }

    private Listing Of(UpstreamChangeKind kind, bool isTemplates, HubCaller caller)
    {
        if (lists.Count > MaxIdentities)
        {
            lists.Clear();
        }

        var asker = settings.OAuth is { PerUser: true } ? caller : HubCaller.Hub;
        var (method, member) = kind switch
        {
            UpstreamChangeKind.Tools => (Methods.ListTools, "tools"),
            UpstreamChangeKind.Prompts => (Methods.ListPrompts, "prompts"),
            _ when isTemplates => (Methods.ListTemplates, "resourceTemplates"),
            _ => (Methods.ListResources, "resources"),
        };
        return lists.GetOrAdd((kind, isTemplates, asker.Identity), _ => new Listing(upstream, method, member, asker, time));
    }

    private List<HubTool> Read(ListItems items)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        List<string> twice = [];
        List<HubTool> tools = [];
        foreach (var item in items.Items)
        {
            if (HubTool.Read(settings.Id, item.Json, item.Generation) is not { } tool)
            {
                continue;
            }

            if (!names.Add(tool.Name))
            {
                twice.Add(tool.Name);
            }
            else if (settings.Transport != UpstreamTransport.Http || upstream.Generations.Stateless != true || ToolHeaders.Of(tool.Definition, out _) is null)
            {
                tools.Add(tool);
            }
        }

        duplicates = twice;
        return tools;
    }
}

/// <summary>A list as it was last given.</summary>
/// <param name="Items">The elements, in the server's order.</param>
/// <param name="Fault">Why they may be old or missing.</param>
internal sealed record ListItems(IReadOnlyList<ListItem> Items, UpstreamFault? Fault);

/// <summary>One element of a list.</summary>
/// <param name="Json">The element, byte for byte.</param>
/// <param name="Generation">In which generations it is listed.</param>
internal readonly record struct ListItem(ReadOnlyMemory<byte> Json, ToolGeneration Generation);
