using System.Collections.Concurrent;
using Gateway.Contracts.Configuration;
using Gateway.Mcp;
using Gateway.Mcp.Pins;

namespace Gateway.McpHub.ControlPlane;

/// <summary>A server with what was worked out of its entry.</summary>
internal sealed class HubServerModel(McpServerEntry entry)
{
    // Names of tools come from the server.
    private const int MostKnown = 10_000;

    private readonly ConcurrentDictionary<string, ToolSettings> _settings = new(StringComparer.Ordinal);

    public McpServerEntry Entry { get; } = entry;

    /// <summary>Who it is, for fingerprints.</summary>
    public string Identity { get; } = ToolFingerprint.Identity(entry);

    /// <summary>What holds for one of its tools.</summary>
    public ToolSettings Settings(string tool)
    {
        if (_settings.TryGetValue(tool, out var known))
        {
            return known;
        }

        if (_settings.Count >= MostKnown)
        {
            _settings.Clear();
        }

        return _settings[tool] = ToolSettings.Of(Entry, tool);
    }
}
