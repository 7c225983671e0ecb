namespace Gateway.Contracts.Mcp;

/// <summary>Body of <c>POST /internal/mcp/calls</c>.</summary>
public sealed record McpCallBatch
{
    /// <summary>The hub that sends.</summary>
    public required string HubId { get; init; }

    /// <summary>At most 500 calls.</summary>
    public required IReadOnlyList<McpCallRecord> Calls { get; init; }

    /// <summary>Calls that this hub has left out since it started, because it had no room.</summary>
    public long Lost { get; set; }
}

/// <summary>Answer to it, given once every call is durable.</summary>
public sealed record McpCallAck
{
    /// <summary>Calls stored by this batch.</summary>
    public required int Stored { get; init; }

    /// <summary>Calls that had been stored before.</summary>
    public required int Duplicates { get; init; }
}

/// <summary>One call of a tool, whoever made it and however it ended.</summary>
public sealed record McpCallRecord
{
    /// <summary>Unique id: 32 lower-case hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>When it arrived, in microseconds since 1970-01-01 UTC.</summary>
    public required long StartedAtMicros { get; init; }

    /// <summary>How long it took, in microseconds.</summary>
    public long DurationMicros { get; set; }

    /// <summary>Virtual key; empty for an administrator's trial.</summary>
    public string KeyId { get; set; } = "";

    /// <summary>Team of the key; empty for none.</summary>
    public string TeamId { get; set; } = "";

    /// <summary>Customer of the key; empty for none.</summary>
    public string CustomerId { get; set; } = "";

    /// <summary>End user as the request names it; empty for none.</summary>
    public string EndUser { get; set; } = "";

    /// <summary>The caller's session; empty for none.</summary>
    public string SessionId { get; set; } = "";

    /// <summary>The gateway's id of the request; empty for none.</summary>
    public string RequestId { get; set; } = "";

    /// <summary>Trace that it belongs to; empty for none.</summary>
    public string TraceId { get; set; } = "";

    /// <summary>What made it. Default <see cref="McpCallOrigin.Direct"/>.</summary>
    public McpCallOrigin Origin { get; set; } = McpCallOrigin.Direct;

    /// <summary>The server.</summary>
    public required string ServerId { get; init; }

    /// <summary>The tool, by its own name.</summary>
    public required string Tool { get; init; }

    /// <summary>How it ended.</summary>
    public required McpCallOutcome Outcome { get; init; }

    /// <summary>Why it did not go well, a sentence without any text of the call; empty for none.</summary>
    public string Reason { get; set; } = "";

    /// <summary>What it was charged, nano-US-dollars.</summary>
    public long PriceNanoUsd { get; set; }

    /// <summary>Bytes of the arguments.</summary>
    public long ArgumentBytes { get; set; }

    /// <summary>Bytes of the result.</summary>
    public long ResultBytes { get; set; }

    /// <summary>The arguments, where bodies are kept: redacted, at most 8,000 characters. Null: not kept.</summary>
    public string? Arguments { get; set; }

    /// <summary>The result, likewise.</summary>
    public string? Result { get; set; }

    /// <summary>What guardrails and data-flow rules did, such as <c>result: redact pii:EMAIL</c>. At most 20 of 300 characters.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];
}

/// <summary>What made a call. Numbers are persisted: append only.</summary>
public enum McpCallOrigin
{
    /// <summary>A client of <c>/mcp</c>.</summary>
    Direct = 1,

    /// <summary>Agent mode.</summary>
    Agent = 2,

    /// <summary>A program of code mode.</summary>
    Code = 3,

    /// <summary>An administrator's trial.</summary>
    Playground = 4,
}

/// <summary>How a call ended. Numbers are persisted: append only.</summary>
public enum McpCallOutcome
{
    /// <summary>The tool answered.</summary>
    Done = 1,

    /// <summary>The tool answered that it failed.</summary>
    ToolError = 2,

    /// <summary>The caller may not make it.</summary>
    Refused = 3,

    /// <summary>A rate limit was reached.</summary>
    Limited = 4,

    /// <summary>It waits for approval, or was denied one.</summary>
    Unapproved = 5,

    /// <summary>A guardrail refused its arguments or its result.</summary>
    Guarded = 6,

    /// <summary>Its time was up.</summary>
    TimedOut = 7,

    /// <summary>The server could not be reached, or answered with something that is none.</summary>
    Failed = 8,

    /// <summary>The caller took it back or went away.</summary>
    Cancelled = 9,
}
