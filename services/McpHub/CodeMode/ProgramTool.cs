using System.Text.Json;
using Gateway.Starlark;

namespace Gateway.McpHub.CodeMode;

/// <summary>A tool that a program may call.</summary>
/// <param name="Server">Id of its server.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Description">What it does, or null.</param>
/// <param name="Input">Schema of its arguments.</param>
/// <param name="Output">Schema of its structured result, or null.</param>
/// <param name="PriceNanoUsd">What a call costs.</param>
internal sealed record ProgramTool(string Server, string Name, string? Description, JsonElement Input, JsonElement? Output, long PriceNanoUsd);

/// <summary>The tools of one caller under the names that programs call them by.</summary>
internal sealed class ProgramTools
{
    private readonly Dictionary<string, NamedTool> byName;

    private ProgramTools(IReadOnlyList<NamedTool> all)
    {
        All = all;
        byName = all.ToDictionary(static t => t.FullName, StringComparer.Ordinal);
        foreach (var tool in all)
        {
            // However a model has heard of a tool, it may name it so.
            byName.TryAdd($"{tool.Tool.Server}__{tool.Tool.Name}", tool);
            byName.TryAdd($"{tool.Tool.Server}/{tool.Tool.Name}", tool);
            byName.TryAdd($"{tool.Tool.Server}.{tool.Tool.Name}", tool);
        }
    }

    public IReadOnlyList<NamedTool> All { get; }

    public static ProgramTools Of(IReadOnlyList<ProgramTool> tools)
    {
        var servers = tools.Select(static t => t.Server).Distinct(StringComparer.Ordinal).ToList();
        var spaces = servers.Zip(ProgramNames.For(servers, areServers: true)).ToDictionary(static s => s.First, static s => s.Second, StringComparer.Ordinal);
        var named = new List<NamedTool>(tools.Count);
        foreach (var group in tools.GroupBy(static t => t.Server, StringComparer.Ordinal))
        {
            var own = group.DistinctBy(static t => t.Name, StringComparer.Ordinal).ToList();
            named.AddRange(own.Zip(ProgramNames.For([.. own.Select(static t => t.Name)], areServers: false), (tool, name) => new NamedTool(tool, spaces[group.Key], name)));
        }

        return new ProgramTools(named);
    }

    /// <summary>The tool of a name, as programs or hubs write it; null when there is none.</summary>
    public NamedTool? Find(string name) => byName.GetValueOrDefault(name.Trim());
}

/// <summary>A tool under the name that programs call it by.</summary>
internal sealed class NamedTool(ProgramTool tool, string space, string name)
{
    private ToolSignature? signature;

    public ProgramTool Tool { get; } = tool;

    public string FullName { get; } = $"{space}.{name}";

    public ToolSignature Signature => signature ??= ToolSignature.Of(FullName, Tool.Description, Tool.Input, Tool.Output);

    public ScriptTool ForScript() => new(space, name, Signature.Parameters, this);
}
