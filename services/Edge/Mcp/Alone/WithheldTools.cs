using System.Collections.Concurrent;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Mcp;
using Gateway.Mcp;
using Gateway.Mcp.Pins;

namespace Gateway.Edge.Mcp.Alone;

/// <summary>Says in the log which tools the hub withholds, and what to add to the file so that they are there: the hub has found them, and nobody has approved what they say of themselves.</summary>
internal sealed partial class WithheldTools(HubConfiguration configuration, ILogger<WithheldTools> log)
{
    private const int MostTold = 10_000;
    private const int MostShown = 4_000;

    private readonly ConcurrentDictionary<string, string> _told = new(StringComparer.Ordinal);

    /// <summary>Takes what the hub found.</summary>
    /// <returns>How many of the tools are withheld.</returns>
    public int Take(McpToolReport report)
    {
        var withheld = 0;
        foreach (var server in report.Servers)
        {
            if (configuration.Server(server.ServerId) is not { Trust: not McpTrust.All } entry)
            {
                continue;
            }

            foreach (var tool in server.Tools.Where(static t => McpIds.IsGoodTool(t.Name)))
            {
                var id = McpIds.Tool(server.ServerId, tool.Name);
                if (Fingerprint(entry, tool) is not { } fingerprint || configuration.Decided(id) is { } decided && (decided.Withheld || decided.Fingerprint == fingerprint))
                {
                    continue;
                }

                withheld++;
                if (_told.Count >= MostTold)
                {
                    _told.Clear();
                }

                if (!_told.TryGetValue(id, out var before) || before != fingerprint)
                {
                    _told[id] = fingerprint;
                    Withheld(server.ServerId, tool.Name, fingerprint, Shown(tool.Definition));
                }
            }
        }

        return withheld;
    }

    private static string Shown(string definition)
    {
        var shown = HiddenText.Shown(definition);
        return shown.Length <= MostShown ? shown : shown[..MostShown] + "…";
    }

    private static string? Fingerprint(McpServerEntry server, McpSeenTool tool)
    {
        try
        {
            return ToolFingerprint.Of(server, JsonElement.Parse(tool.Definition));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The MCP server {Server} has a tool whose definition nobody approved; it is withheld. If it is good, add under mcpServers.<id>.approved: \"{Tool}\": {Fingerprint}   Definition: {Definition}")]
    private partial void Withheld(string server, string tool, string fingerprint, string definition);
}
