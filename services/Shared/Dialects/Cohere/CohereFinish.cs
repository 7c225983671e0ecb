using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Cohere;

/// <summary>Finish reasons.</summary>
internal static class CohereFinish
{
    /// <summary>What a <c>finish_reason</c> means.</summary>
    public static FinishReason Read(string? reason) => reason switch
    {
        null or "" or "COMPLETE" => FinishReason.Stop,
        "STOP_SEQUENCE" => FinishReason.StopSequence,
        "MAX_TOKENS" or "ERROR_LIMIT" => FinishReason.Length,
        "TOOL_CALL" => FinishReason.ToolCalls,
        "ERROR_TOXIC" => FinishReason.ContentFilter,
        _ => FinishReason.Other,
    };

    /// <summary>The word for <paramref name="finish"/>; what this dialect has no word for is an error.</summary>
    public static string Write(FinishReason finish, string? detail) => finish switch
    {
        FinishReason.Length => "MAX_TOKENS",
        FinishReason.ToolCalls => "TOOL_CALL",
        FinishReason.StopSequence => "STOP_SEQUENCE",
        // Not among the words of version 2, but the provider's own for a filtered answer, and clients let it pass.
        FinishReason.ContentFilter or FinishReason.Refusal => "ERROR_TOXIC",
        FinishReason.Other => detail == "TIMEOUT" ? "TIMEOUT" : "ERROR",
        _ => "COMPLETE",
    };
}
