namespace Gateway.McpHub.Protocol;

/// <summary>Revisions of the protocol, by date.</summary>
internal static class Revisions
{
    /// <summary>The first; its HTTP transport is SSE with a second address.</summary>
    public const string V2024 = "2024-11-05";

    /// <summary>Streamable HTTP; the only one with batches.</summary>
    public const string V2025March = "2025-03-26";

    /// <summary>Elicitation, structured content.</summary>
    public const string V2025June = "2025-06-18";

    /// <summary>The last with sessions.</summary>
    public const string V2025November = "2025-11-25";

    /// <summary>Without sessions: every request says what it needs.</summary>
    public const string V2026 = "2026-07-28";

    /// <summary>Those with <c>initialize</c>, newest first.</summary>
    public static readonly IReadOnlyList<string> WithSessions = [V2025November, V2025June, V2025March, V2024];

    /// <summary>Those without, newest first.</summary>
    public static readonly IReadOnlyList<string> Stateless = [V2026];

    /// <summary>What is agreed on with a client that asks for a revision by <c>initialize</c>.</summary>
    public static string Agree(string asked) => WithSessions.Contains(asked, StringComparer.Ordinal) ? asked : V2025November;
}
