using Gateway.McpHub.Callers;
using Gateway.McpHub.Catalogue;
using Gateway.McpHub.Upstreams;

namespace Gateway.McpHub.Gate;

/// <summary>A call that somebody wants to make.</summary>
internal sealed record ToolCall
{
    /// <summary>Unique id of the call, for logs and approvals.</summary>
    public required string Id { get; init; }

    /// <summary>Who calls.</summary>
    public required HubCaller Caller { get; init; }

    /// <summary>Through which address.</summary>
    public required HubScope Scope { get; init; }

    /// <summary>The tool, as its server lists it now.</summary>
    public required HubTool Tool { get; init; }

    /// <summary>The arguments: one JSON object, <c>{}</c> when the caller gave none.</summary>
    public required ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>The client, who can be asked (<c>elicitation/create</c>) where his capabilities say so.</summary>
    public required IClientPeer Peer { get; init; }
}

/// <summary>What is to become of a call.</summary>
internal abstract record CallVerdict
{
    private CallVerdict()
    {
    }

    /// <summary>It goes to the server.</summary>
    internal sealed record Pass : CallVerdict
    {
        /// <summary>The arguments to send: those of the call, or what guardrails made of them.</summary>
        public required ReadOnlyMemory<byte> Arguments { get; init; }

        /// <summary>Time that the server has; null for the server's setting.</summary>
        public TimeSpan? Timeout { get; init; }

        /// <summary>Whatever the gate wants to find again in <see cref="IToolGate.AfterAsync"/>.</summary>
        public object? State { get; init; }
    }

    /// <summary>It does not; the caller is told why.</summary>
    /// <param name="Kind">Why, for machines.</param>
    /// <param name="Sentence">Why, and what to do, for people and models. Never another tenant's figures.</param>
    internal sealed record Refused(RefusalKind Kind, string Sentence) : CallVerdict
    {
        /// <summary>When it is worth trying again; null when it is not.</summary>
        public TimeSpan? RetryAfter { get; init; }
    }

    /// <summary>It waits for somebody's approval; the same call made again goes through once it was given.</summary>
    /// <param name="ApprovalId">What to approve.</param>
    /// <param name="Sentence">Who may approve it, and how.</param>
    internal sealed record Pending(string ApprovalId, string Sentence) : CallVerdict;
}

/// <summary>Why a call was refused.</summary>
internal enum RefusalKind
{
    /// <summary>As if there were no such tool.</summary>
    Unknown,

    /// <summary>A policy forbids it, or these arguments.</summary>
    Forbidden,

    /// <summary>Too many calls.</summary>
    Limited,

    /// <summary>The call would cost more than is left or held.</summary>
    Budget,

    /// <summary>A guardrail stopped it.</summary>
    Guardrail,

    /// <summary>Data would flow from a source to a sink that must not meet.</summary>
    DataFlow,
}

/// <summary>How a call ended.</summary>
/// <param name="Reply">What came back.</param>
/// <param name="Elapsed">How long it took.</param>
internal readonly record struct CallOutcome(UpstreamReply Reply, TimeSpan Elapsed);
