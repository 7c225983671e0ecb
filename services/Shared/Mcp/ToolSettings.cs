using Gateway.Contracts.Configuration;
using Gateway.Mcp.Matching;

namespace Gateway.Mcp;

/// <summary>What holds for one tool of a server, put together from the entries that fit.</summary>
public sealed record ToolSettings
{
    /// <summary>Whether it is there.</summary>
    public required bool Enabled { get; init; }

    /// <summary>What a call costs, nano-US-dollars.</summary>
    public required long PriceNanoUsd { get; init; }

    /// <summary>Longest time of a call.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Most calls a minute; null: no limit.</summary>
    public required int? LimitPerMinute { get; init; }

    /// <summary>Whether each call waits for approval.</summary>
    public required McpApproval Approval { get; init; }

    /// <summary>What it does to the data of a session.</summary>
    public required IReadOnlyList<McpLabel> Labels { get; init; }

    /// <summary>What holds for a tool.</summary>
    /// <param name="server">Its server.</param>
    /// <param name="tool">Its own name.</param>
    public static ToolSettings Of(McpServerEntry server, string tool)
    {
        ArgumentNullException.ThrowIfNull(server);
        var fitting = server.Tools.Where(t => new Wildcard(t.Tool).Matches(tool)).ToList();
        return new ToolSettings
        {
            Enabled = fitting.Select(static t => t.Enabled).FirstOrDefault(static e => e is not null) ?? true,
            PriceNanoUsd = fitting.Select(static t => t.PriceNanoUsd).FirstOrDefault(static p => p is not null) ?? 0,
            Timeout = TimeSpan.FromSeconds(fitting.Select(static t => t.TimeoutSeconds).FirstOrDefault(static s => s is not null) ?? server.TimeoutSeconds),
            LimitPerMinute = fitting.Select(static t => t.LimitPerMinute).FirstOrDefault(static l => l is not null),
            Approval = fitting.Select(static t => t.Approval).FirstOrDefault(static a => a is not null) ?? McpApproval.None,
            Labels = fitting.Select(static t => t.Labels).FirstOrDefault(static l => l is not null) ?? server.Labels,
        };
    }
}
