namespace Gateway.McpHub.Protocol;

/// <summary>Levels of log messages, from the least grave on.</summary>
internal static class LogLevels
{
    private static readonly string[] Names = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    /// <summary>The level's place; -1 for what is no level.</summary>
    public static int Of(string level) => Array.IndexOf(Names, level);

    /// <summary>Whether a message (its <c>params</c>) is grave enough for who wants this level.</summary>
    public static bool Reaches(ReadOnlySpan<byte> message, string wanted)
        => !JsonBytes.TryGetString(message, "level"u8, out var level) || Of(level) >= Of(wanted);
}
