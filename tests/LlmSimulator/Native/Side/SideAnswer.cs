using System.Text.Json.Nodes;

namespace Gateway.LlmSimulator.Native.Side;

/// <summary>An answer that is no chat.</summary>
internal sealed record SideAnswer(ReadOnlyMemory<byte> Bytes, string ContentType = "application/json", int Status = StatusCodes.Status200OK)
{
    /// <summary>Tokens to bill; null bills nothing.</summary>
    public int? PromptTokens { get; init; }

    public RuleBreak? Broken { get; init; }

    public static SideAnswer Json(JsonNode json, int? promptTokens = null) => new(NativeJson.Bytes(json)) { PromptTokens = promptTokens };

    public static SideAnswer Refuse(string message, string? param = null, int status = StatusCodes.Status400BadRequest) => new(ReadOnlyMemory<byte>.Empty) { Broken = new RuleBreak(message, param, status) };
}
