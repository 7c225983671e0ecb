using Gateway.ServiceDefaults;

namespace Gateway.McpHub.Sessions;

/// <summary>Bounds of MCP sessions.</summary>
internal sealed record HubOptions
{
    public const string IdleSecondsKey = "McpHub:IdleSessionSeconds";
    public const string MaxSessionsKey = "McpHub:MaxSessions";

    /// <summary>A session without a request or an open stream ends after this time. Default 1,800 seconds; 1 to 86,400.</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>Most sessions at a time; beyond that the longest idle one ends. Default 10,000; 1 to 1,000,000.</summary>
    public required int Max { get; init; }

    public static HubOptions From(IConfiguration configuration) => new()
    {
        Idle = TimeSpan.FromSeconds(configuration.WholeNumber(IdleSecondsKey, 1800, 1, 86_400)),
        Max = configuration.WholeNumber(MaxSessionsKey, 10_000, 1, 1_000_000),
    };
}
