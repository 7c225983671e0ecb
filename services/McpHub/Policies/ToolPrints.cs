using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.ControlPlane;
using Gateway.Mcp.Pins;

namespace Gateway.McpHub.Policies;

/// <summary>The fingerprints of tools as they were listed: worked out once for each listing, and gone with it.</summary>
internal sealed class ToolPrints
{
    private readonly ConditionalWeakTable<HubTool, Print> _prints = [];

    /// <summary>The fingerprint of a tool on its server as it is configured now.</summary>
    public string Of(HubTool tool, HubServerModel server)
    {
        if (_prints.TryGetValue(tool, out var known) && known.Identity == server.Identity)
        {
            return known.Fingerprint;
        }

        var made = new Print(server.Identity, Fingerprint(tool, server.Identity));
        _prints.AddOrUpdate(tool, made);
        return made.Fingerprint;
    }

    private static string Fingerprint(HubTool tool, string identity)
    {
        try
        {
            return ToolFingerprint.Of(identity, JsonElement.Parse(tool.Definition.Span));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or ArgumentException)
        {
            // What cannot be read as a whole is never the one that was approved.
            return "unreadable";
        }
    }

    private sealed record Print(string Identity, string Fingerprint);
}
