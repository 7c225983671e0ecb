using Gateway.Contracts.Configuration;

namespace Gateway.Contracts.Mcp;

/// <summary>Body of <c>POST /internal/mcp/tools</c>: the tools that servers have, as a hub last saw them. Sent when they are first seen or change, and every hour.</summary>
public sealed record McpToolReport
{
    /// <summary>The hub that sends.</summary>
    public required string HubId { get; init; }

    /// <summary>Servers whose whole list of tools was read. At most 50 in one report.</summary>
    public required IReadOnlyList<McpServerTools> Servers { get; init; }
}

/// <summary>All tools of one server.</summary>
public sealed record McpServerTools
{
    /// <summary>The server.</summary>
    public required string ServerId { get; init; }

    /// <summary>What the server calls itself, name and version; empty where it does not say.</summary>
    public string Implementation { get; set; } = "";

    /// <summary>Its tools. At most 5,000.</summary>
    public required IReadOnlyList<McpSeenTool> Tools { get; init; }
}

/// <summary>A tool as its server describes it.</summary>
public sealed record McpSeenTool
{
    /// <summary>Its own name.</summary>
    public required string Name { get; init; }

    /// <summary>The tool as the server's <c>tools/list</c> has it, a JSON object; at most 256 KiB.</summary>
    public required string Definition { get; init; }
}

/// <summary>Answer to it, given once it is durable.</summary>
public sealed record McpToolAck
{
    /// <summary>Tools that were new or changed.</summary>
    public required int Changed { get; init; }
}

/// <summary>Body of <c>POST /internal/mcp/approvals</c>: a call waits until somebody approves it.</summary>
public sealed record McpApprovalAsk
{
    /// <summary>SHA-256 of what is to be approved: key, session where it matters, server, tool and arguments; 64 hexadecimal digits. An approval holds for nothing else, and for one call.</summary>
    public required string Digest { get; init; }

    /// <summary>True: an approval is used up by this question. Default false.</summary>
    public bool Use { get; set; }

    /// <summary>Who may approve it. Default <see cref="McpApproval.Admin"/>.</summary>
    public McpApproval By { get; set; } = McpApproval.Admin;

    /// <summary>The virtual key.</summary>
    public required string KeyId { get; init; }

    /// <summary>The key's team; empty for none.</summary>
    public string TeamId { get; set; } = "";

    /// <summary>The server.</summary>
    public required string ServerId { get; init; }

    /// <summary>The tool, by its own name.</summary>
    public required string Tool { get; init; }

    /// <summary>Why it waits, a sentence without any text of the call.</summary>
    public string Reason { get; set; } = "";

    /// <summary>The arguments as whoever approves is to see them: redacted and cut. Empty where nothing may be kept.</summary>
    public string Arguments { get; set; } = "";
}
