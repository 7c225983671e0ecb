using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Contracts.Mcp;

namespace Gateway.Governance.Mcp.Calls;

/// <summary>One call of a tool.</summary>
internal sealed record McpCallView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, in microseconds.</summary>
    public required long DurationMicros { get; init; }

    /// <summary>The hub that served it.</summary>
    public required string HubId { get; init; }

    /// <summary>Virtual key; empty for an administrator's trial as nobody.</summary>
    public required string KeyId { get; init; }

    /// <summary>Name of the virtual key; absent when it has been deleted.</summary>
    public string? KeyName { get; init; }

    /// <summary>Team of the key; empty for none.</summary>
    public required string TeamId { get; init; }

    /// <summary>Customer of the key; empty for none.</summary>
    public required string CustomerId { get; init; }

    /// <summary>End user; empty for none.</summary>
    public required string EndUser { get; init; }

    /// <summary>The caller's session; empty for none.</summary>
    public required string SessionId { get; init; }

    /// <summary>The gateway's id of the request; empty for none.</summary>
    public required string RequestId { get; init; }

    /// <summary>Trace that it belongs to; empty for none.</summary>
    public required string TraceId { get; init; }

    /// <summary>What made it.</summary>
    public required McpCallOrigin Origin { get; init; }

    /// <summary>The server.</summary>
    public required string ServerId { get; init; }

    /// <summary>The tool, by its own name.</summary>
    public required string Tool { get; init; }

    /// <summary>How it ended.</summary>
    public required McpCallOutcome Outcome { get; init; }

    /// <summary>Why it did not go well; empty for none.</summary>
    public required string Reason { get; init; }

    /// <summary>What a call of the tool costs, nano-US-dollars; 0 where the call was not made.</summary>
    public required long PriceNanoUsd { get; init; }

    /// <summary>Bytes of the arguments.</summary>
    public required long ArgumentBytes { get; init; }

    /// <summary>Bytes of the result.</summary>
    public required long ResultBytes { get; init; }

    /// <summary>What guardrails and data-flow rules did.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The arguments, redacted; only where one call is read and they are kept.</summary>
    public string? Arguments { get; init; }

    /// <summary>The result, likewise.</summary>
    public string? Result { get; init; }
}

/// <summary>Calls, newest first.</summary>
internal sealed record McpCallPage
{
    /// <summary>The calls.</summary>
    public required IReadOnlyList<McpCallView> Items { get; init; }

    /// <summary>What to pass as <c>after</c> for the next page; absent on the last one.</summary>
    public string? Next { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(McpCallView))]
[JsonSerializable(typeof(McpCallPage))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class McpCallJson : JsonSerializerContext;
