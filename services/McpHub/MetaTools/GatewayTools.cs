using System.Text;
using System.Text.Json;
using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.CodeMode;
using Gateway.McpHub.Gate;
using Gateway.McpHub.Protocol;
using Gateway.McpHub.Search;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.MetaTools;

/// <summary>
/// Tool search and code mode: a few tools by which a model finds, reads and calls all others. They stand alone at <c>/mcp/gateway</c>, and take the place of the list elsewhere where it has become too long to give to a
/// model. They reach what their caller may use and nothing else, and each call goes the way of any other.
/// </summary>
internal sealed class GatewayTools(Func<IToolCatalogue> catalogue, Func<IToolCalls> calls, ToolSearch search, ProgramRunner runner, IToolPrices prices, MetaToolOptions options) : IMetaTools
{
    private const int LongestHead = 60;
    private const string Prefix = MetaToolDefinitions.Server + ToolNames.Separator;

    private readonly IReadOnlyList<ListedTool> prefixed = [.. MetaToolDefinitions.All.OrderBy(static d => d.Key, StringComparer.Ordinal).Select(static d => Own(Prefix + d.Key, d.Value))];
    private readonly IReadOnlyList<ListedTool> bare = [.. MetaToolDefinitions.All.OrderBy(static d => d.Key, StringComparer.Ordinal).Select(static d => Own(d.Key, d.Value))];

    /// <summary>These tools under the names by which callers know them where several servers are listed together.</summary>
    public IReadOnlyList<ListedTool> Listed => prefixed;

    /// <inheritdoc/>
    public IReadOnlyList<ListedTool> Shown(HubCaller caller, HubScope scope, IReadOnlyList<ListedTool> tools) =>
        IsOwn(scope) ? bare : scope.Kind != HubScopeKind.Server && tools.Count > options.ListedAtMost ? prefixed : tools;

    /// <inheritdoc/>
    public bool Has(HubCaller caller, HubScope scope, string name) => OwnName(scope, name) is not null;

    /// <inheritdoc/>
    public async ValueTask<UpstreamReply> CallAsync(HubCaller caller, HubScope scope, string name, ReadOnlyMemory<byte> parameters, IClientPeer peer, CancellationToken cancellation)
    {
        using var arguments = Arguments(parameters);
        if (arguments is null)
        {
            return Text("The arguments must be a JSON object.", isError: true);
        }

        var reach = IsOwn(scope) ? HubScope.All : scope;
        var root = arguments.RootElement;
        return OwnName(scope, name) switch
        {
            MetaToolDefinitions.Find => await FindAsync(caller, reach, root, cancellation).ConfigureAwait(false),
            MetaToolDefinitions.Describe => await DescribeAsync(caller, reach, root, cancellation).ConfigureAwait(false),
            MetaToolDefinitions.Call => await CallOneAsync(caller, reach, root, peer, cancellation).ConfigureAwait(false),
            _ => await RunAsync(caller, reach, root, cancellation).ConfigureAwait(false),
        };
    }

    private async ValueTask<UpstreamReply> FindAsync(HubCaller caller, HubScope scope, JsonElement arguments, CancellationToken cancellation)
    {
        if (String(arguments, "query") is not { Length: > 0 } query)
        {
            return Text("Give 'query': what is to be done, or a tool's name.", isError: true);
        }

        var limit = arguments.TryGetProperty("limit", out var asked) && asked.ValueKind == JsonValueKind.Number && asked.TryGetInt32(out var most) ? Math.Clamp(most, 1, MetaToolDefinitions.MostFound) : MetaToolDefinitions.FoundUnlessSaid;
        var listed = await catalogue().ListAsync(caller, scope, cancellation).ConfigureAwait(false);
        var known = listed.Select(static t => KnownTool.Of(t.Tool).ForSearch).ToList();
        var named = Named(listed);
        var found = await search.FindForStepsAsync(query, known, limit, MetaToolDefinitions.MostForSteps, cancellation).ConfigureAwait(false);
        return Text(found.Count == 0 ? "There are no tools that you may use." : Shown(found, f => named.Find($"{listed[f.Index].Tool.Server}/{listed[f.Index].Tool.Name}")!.Signature.Brief()));
    }

    /// <summary>What was found, a line each; where there are several steps, under the words of each.</summary>
    internal static string Shown(IReadOnlyList<FoundStep> found, Func<FoundTool, string> brief)
    {
        var text = new StringBuilder();
        foreach (var step in found)
        {
            if (found.Count > 1)
            {
                text.Append(text.Length > 0 ? "\n" : "").Append("# ").Append(step.Text.Length == 0 ? "other" : Head(step.Text));
            }

            foreach (var tool in step.Tools)
            {
                text.Append(text.Length > 0 ? "\n" : "").Append(brief(tool));
            }
        }

        return text.ToString();
    }

    private static string Head(string step)
    {
        var words = string.Join(' ', step.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return words.Length <= LongestHead ? words : words[..LongestHead];
    }

    private async ValueTask<UpstreamReply> DescribeAsync(HubCaller caller, HubScope scope, JsonElement arguments, CancellationToken cancellation)
    {
        if (!arguments.TryGetProperty("names", out var names) || names.ValueKind != JsonValueKind.Array || names.GetArrayLength() == 0)
        {
            return Text("Give 'names': a list of tools, as find_tools names them.", isError: true);
        }

        var tools = Named(await catalogue().ListAsync(caller, scope, cancellation).ConfigureAwait(false));
        var text = new StringBuilder();
        foreach (var name in names.EnumerateArray().Take(MetaToolDefinitions.MostDescribed).Where(static n => n.ValueKind == JsonValueKind.String).Select(static n => n.GetString()!))
        {
            text.Append(text.Length > 0 ? "\n\n" : "").Append(tools.Find(name)?.Signature.Full() ?? $"{name}: there is no such tool, or you may not use it; find_tools names those there are.");
        }

        return Text(text.ToString());
    }

    private async ValueTask<UpstreamReply> CallOneAsync(HubCaller caller, HubScope scope, JsonElement arguments, IClientPeer peer, CancellationToken cancellation)
    {
        if (String(arguments, "name") is not { Length: > 0 } name)
        {
            return Text("Give 'name': a tool, as find_tools names it.", isError: true);
        }

        var listed = await catalogue().ListAsync(caller, scope, cancellation).ConfigureAwait(false);
        if (Named(listed).Find(name) is not { } tool)
        {
            return Text($"There is no tool '{name}', or you may not use it; find_tools names those there are.", isError: true);
        }

        var given = arguments.TryGetProperty("arguments", out var inner) && inner.ValueKind == JsonValueKind.Object ? JsonBytesOf(inner) : JsonBytes.EmptyObject;
        return await calls().CallAsync(caller, HubScope.All, PublicName(tool.Tool), ToolCallParameters.Of(PublicName(tool.Tool), given), peer, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<UpstreamReply> RunAsync(HubCaller caller, HubScope scope, JsonElement arguments, CancellationToken cancellation)
    {
        if (String(arguments, "program") is not { Length: > 0 } program)
        {
            return Text("Give 'program': the text of a program.", isError: true);
        }

        var tools = Named(await catalogue().ListAsync(caller, scope, cancellation).ConfigureAwait(false));
        var limits = options.Program with { MaxCostNanoUsd = caller.HoldNanos ?? 0 };
        var nested = new NestedCalls(calls(), caller with { Origin = CallOrigin.Program });
        var result = await runner.RunAsync(program, tools, nested, limits, cancellation).ConfigureAwait(false);
        return UpstreamReply.Result(ToolResults.Of(result));
    }

    private ProgramTools Named(IReadOnlyList<ListedTool> listed) => ProgramTools.Of([.. listed.Select(t =>
    {
        var known = KnownTool.Of(t.Tool);
        return new ProgramTool(t.Tool.Server, t.Tool.Name, known.Description, known.Input, known.Output, prices.Of(t.Tool.Server, t.Tool.Name));
    })]);

    private static bool IsOwn(HubScope scope) => scope is { Kind: HubScopeKind.Server, Id: MetaToolDefinitions.Server };

    private static string? OwnName(HubScope scope, string name)
    {
        var own = IsOwn(scope) ? name : scope.Kind != HubScopeKind.Server && name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : "";
        return MetaToolDefinitions.All.ContainsKey(own) ? own : null;
    }

    private static string PublicName(ProgramTool tool) => ToolNames.Public(tool.Server, tool.Name);

    private static ListedTool Own(string name, ReadOnlyMemory<byte> definition) => new(name, HubTool.Read(MetaToolDefinitions.Server, definition)!);

    private static JsonDocument? Arguments(ReadOnlyMemory<byte> parameters)
    {
        try
        {
            var given = JsonBytes.TryGet(parameters, "arguments"u8, out ReadOnlyMemory<byte> arguments) ? arguments : JsonBytes.EmptyObject;
            var document = JsonDocument.Parse(given, new JsonDocumentOptions { MaxDepth = JsonBytes.MaxDepth });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] JsonBytesOf(JsonElement element) => Encoding.UTF8.GetBytes(element.GetRawText());

    private static string? String(JsonElement arguments, string name)
    {
        if (!arguments.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is legal JSON and no text.
            return null;
        }
    }

    private static UpstreamReply Text(string text, bool isError = false) => UpstreamReply.Result(ToolResults.Text(text, isError));
}
