using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>How a response ends: its status, and why it is incomplete.</summary>
/// <param name="Status"><c>completed</c> or <c>incomplete</c>.</param>
/// <param name="Reason">Why it is incomplete, or null.</param>
internal readonly record struct ResponseEnding(string Status, string? Reason)
{
    /// <summary>The ending for a finish reason.</summary>
    public static ResponseEnding Of(FinishReason finish, string? detail, bool hasRefusal) => finish switch
    {
        FinishReason.Length => new("incomplete", "max_output_tokens"),
        FinishReason.ContentFilter => new("incomplete", "content_filter"),
        // A refusal without words would look like an empty answer.
        FinishReason.Refusal when !hasRefusal => new("incomplete", "content_filter"),
        FinishReason.Other => new("incomplete", detail ?? "other"),
        _ => new("completed", null),
    };

    /// <summary>The finish reason for a provider's ending.</summary>
    public static (FinishReason Finish, string? Detail) Read(string? status, string? reason, bool hasToolCalls, bool hasRefusal) => status switch
    {
        "incomplete" => reason switch
        {
            // Compatible providers leave the reason out; the cap is what cuts answers.
            null or "max_output_tokens" or "max_tokens" or "length" => (FinishReason.Length, reason),
            "content_filter" => (FinishReason.ContentFilter, reason),
            _ => (FinishReason.Other, reason),
        },
        "failed" or "cancelled" => (FinishReason.Other, status),
        _ when hasToolCalls => (FinishReason.ToolCalls, status),
        _ when hasRefusal => (FinishReason.Refusal, status),
        _ => (FinishReason.Stop, status),
    };
}
