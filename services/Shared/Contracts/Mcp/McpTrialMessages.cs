using System.Text.Json;

namespace Gateway.Contracts.Mcp;

/// <summary>Body of <c>POST /internal/mcp/trial</c> to a hub: an administrator lists tools, or calls one.</summary>
public sealed record McpTrial
{
    /// <summary>The virtual key as which it is tried; empty: as nobody, without policies.</summary>
    public string KeyId { get; set; } = "";

    /// <summary>Server or bundle; empty: all.</summary>
    public string Scope { get; set; } = "";

    /// <summary>The tool to call; null: to list them.</summary>
    public string? Tool { get; set; }

    /// <summary>Its arguments; null: none.</summary>
    public JsonElement? Arguments { get; set; }
}

/// <summary>Answer to it.</summary>
public sealed record McpTrialAnswer
{
    /// <summary>The tools as a client would be shown them; absent for a call.</summary>
    public IReadOnlyList<JsonElement>? Tools { get; set; }

    /// <summary>The result as a client would get it: <c>content</c>, <c>structuredContent</c>, <c>isError</c>; absent for a list, and where there is none.</summary>
    public JsonElement? Result { get; set; }

    /// <summary>Why there is none: the error as a client would get it.</summary>
    public JsonElement? Error { get; set; }

    /// <summary>How long it took, in microseconds.</summary>
    public long DurationMicros { get; set; }
}
