using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Anthropic;

/// <summary>Stop reasons.</summary>
internal static class AnthropicFinish
{
    public static FinishReason Read(string? reason) => reason switch
    {
        "end_turn" or null => FinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "stop_sequence" => FinishReason.StopSequence,
        "tool_use" => FinishReason.ToolCalls,
        "pause_turn" or "compaction" => FinishReason.Pause,
        "refusal" => FinishReason.Refusal,
        _ => FinishReason.Other,
    };

    /// <summary>The word for a caller.</summary>
    /// <param name="finish">Why the answer ended.</param>
    /// <param name="detail">The provider's word, which is kept when it is one of this dialect and means the same.</param>
    /// <param name="calledTool">True when the answer calls a tool: agents go on only when the reason says so.</param>
    public static string Write(FinishReason finish, string? detail, bool calledTool)
    {
        if (detail is "end_turn" or "max_tokens" or "model_context_window_exceeded" or "pause_turn" or "refusal" or "compaction" && Read(detail) == finish)
        {
            return detail;
        }

        return finish switch
        {
            FinishReason.Length => "max_tokens",
            FinishReason.ToolCalls => "tool_use",
            FinishReason.ContentFilter or FinishReason.Refusal => "refusal",
            FinishReason.StopSequence => "stop_sequence",
            FinishReason.Pause => "pause_turn",
            _ => calledTool ? "tool_use" : "end_turn",
        };
    }
}
