using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Gemini;

/// <summary>Finish reasons and block reasons.</summary>
internal static class GeminiFinish
{
    /// <summary>What a <c>finishReason</c> means.</summary>
    /// <param name="reason">The word, or null in an answer that gives none.</param>
    /// <param name="hasToolCalls">True when the candidate calls tools, which the API reports as an ordinary stop.</param>
    public static FinishReason Read(string? reason, bool hasToolCalls) => reason switch
    {
        null or "" or "STOP" or "FINISH_REASON_UNSPECIFIED" => hasToolCalls ? FinishReason.ToolCalls : FinishReason.Stop,
        "MAX_TOKENS" => FinishReason.Length,
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "MODEL_ARMOR" or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT"
            or "IMAGE_RECITATION" => FinishReason.ContentFilter,
        _ => FinishReason.Other,
    };

    /// <summary>The word for <paramref name="finish"/>; the provider's own where it is one of this dialect.</summary>
    public static string Write(FinishReason finish, string? detail) => finish switch
    {
        FinishReason.Length => "MAX_TOKENS",
        FinishReason.ContentFilter => Own(detail, FinishReason.ContentFilter) ?? "SAFETY",
        FinishReason.Refusal => "SAFETY",
        FinishReason.Other or FinishReason.Pause => Own(detail, FinishReason.Other) ?? "OTHER",
        _ => "STOP",
    };

    private static string? Own(string? detail, FinishReason finish) => detail is
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "MODEL_ARMOR" or "IMAGE_SAFETY" or "IMAGE_PROHIBITED_CONTENT"
        or "IMAGE_RECITATION" or "LANGUAGE" or "OTHER" or "MALFORMED_FUNCTION_CALL" or "UNEXPECTED_TOOL_CALL" or "TOO_MANY_TOOL_CALLS"
        or "MISSING_THOUGHT_SIGNATURE" or "MALFORMED_RESPONSE" or "NO_IMAGE" or "IMAGE_OTHER" && Read(detail, hasToolCalls: false) == finish ? detail : null;
}
