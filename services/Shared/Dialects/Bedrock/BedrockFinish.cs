using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Bedrock;

/// <summary>Stop reasons.</summary>
internal static class BedrockFinish
{
    public static FinishReason Read(string? reason) => reason switch
    {
        "end_turn" or null => FinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "stop_sequence" => FinishReason.StopSequence,
        "tool_use" => FinishReason.ToolCalls,
        "guardrail_intervened" or "content_filtered" => FinishReason.ContentFilter,
        "refusal" => FinishReason.Refusal,
        "pause_turn" => FinishReason.Pause,
        _ => FinishReason.Other,
    };

    /// <summary>The word for a caller; the provider's own is kept when it is one of this dialect and means the same.</summary>
    public static string Write(FinishReason finish, string? detail, bool calledTool)
    {
        if (detail is "end_turn" or "max_tokens" or "model_context_window_exceeded" or "guardrail_intervened" or "malformed_model_output" or "malformed_tool_use"
            && Read(detail) == finish)
        {
            return detail;
        }

        return finish switch
        {
            FinishReason.Length => "max_tokens",
            FinishReason.ToolCalls => "tool_use",
            FinishReason.ContentFilter or FinishReason.Refusal => "content_filtered",
            FinishReason.StopSequence => "stop_sequence",
            _ => calledTool ? "tool_use" : "end_turn",
        };
    }
}
