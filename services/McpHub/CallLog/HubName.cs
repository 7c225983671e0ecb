namespace Gateway.McpHub.CallLog;

/// <summary>What governance knows this hub by.</summary>
internal static class HubName
{
    /// <summary>The machine and the process.</summary>
    public static string Here { get; } = $"{Environment.MachineName}-{Environment.ProcessId}";
}
