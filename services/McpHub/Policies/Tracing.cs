using System.Diagnostics;

namespace Gateway.McpHub.Policies;

/// <summary>Spans of the hub.</summary>
internal static class Tracing
{
    /// <summary>Where they begin.</summary>
    public static ActivitySource Source { get; } = new("Gateway.McpHub");
}
