using System.Diagnostics;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Policies;
using Gateway.McpHub.ControlPlane;

namespace Gateway.McpHub.Policies;

/// <summary>What the gate knows of a call between its two questions.</summary>
internal sealed class CallState(DateTimeOffset startedAt, long timestamp, Activity? activity)
{
    public DateTimeOffset StartedAt => startedAt;

    public long Timestamp => timestamp;

    /// <summary>The span of the call; null where nobody listens.</summary>
    public Activity? Activity => activity;

    public KnownCaller? Caller { get; set; }

    public IReadOnlyList<McpLabel> Labels { get; set; } = [];

    public long PriceNanoUsd { get; set; }

    public PolicySet Policies { get; set; } = PolicySet.Empty;

    /// <summary>The arguments as they were sent, or would have been.</summary>
    public ReadOnlyMemory<byte> Sent { get; set; }

    /// <summary>Whether arguments and result are kept, redacted.</summary>
    public bool LogsBodies { get; set; }

    /// <summary>Whether a guardrail refused the result.</summary>
    public bool IsResultRefused { get; set; }

    public List<string> Notes { get; } = [];
}
