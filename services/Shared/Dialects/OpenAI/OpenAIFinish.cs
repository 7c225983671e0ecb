using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Finish reasons of OpenAI and of those who call themselves compatible.</summary>
internal static class OpenAIFinish
{
    /// <summary>Reads a provider's word.</summary>
    /// <param name="word">The word, or null when there was none.</param>
    /// <param name="hasToolCalls">True when the choice has tool calls: several providers, and OpenAI with a forced tool, say <c>stop</c> all the same.</param>
    /// <param name="hasRefusal">True when the choice has a refusal.</param>
    public static FinishReason Read(string? word, bool hasToolCalls, bool hasRefusal)
    {
        var reason = Parse(word);
        return reason is FinishReason.Stop && hasToolCalls ? FinishReason.ToolCalls
            : reason is FinishReason.Stop && hasRefusal ? FinishReason.Refusal
            : reason;
    }

    /// <summary>True when the word is one of the specification's.</summary>
    public static bool IsStandard(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("stop"u8) || word.SequenceEqual("length"u8) || word.SequenceEqual("tool_calls"u8)
        || word.SequenceEqual("content_filter"u8) || word.SequenceEqual("function_call"u8);

    /// <summary>The specification's word for a provider's own.</summary>
    public static string Normalise(string? word, bool hasToolCalls) => Write(Read(word, hasToolCalls, hasRefusal: false), hasRefusal: false);

    /// <summary>The specification's word.</summary>
    /// <param name="reason">Why the choice ended.</param>
    /// <param name="hasRefusal">True when the choice has a refusal, which is then the place where it is told.</param>
    public static string Write(FinishReason reason, bool hasRefusal) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        FinishReason.Refusal => hasRefusal ? "stop" : "content_filter",
        _ => "stop",
    };

    /// <summary>The stop sequence that was met, where a server tells it (vLLM, SGLang), or null.</summary>
    public static string? StopSequence(JsonElement choice) =>
        (choice.StringOf("stop_reason") ?? choice.StringOf("matched_stop")) is { Length: > 0 } word && Parse(word) == FinishReason.Other ? word : null;

    private static FinishReason Parse(string? word) => word switch
    {
        null => FinishReason.Stop,
        "stop" or "end_turn" or "eos" or "eos_token" or "completed" or "complete" or "COMPLETE" or "STOP" or "done" or "end" or "finish" or "unknown" or ""
            or "stop_sequence" or "STOP_SEQUENCE" => FinishReason.Stop,
        "length" or "max_tokens" or "model_length" or "MAX_TOKENS" or "max_output_tokens" or "max_length" or "model_context_window_exceeded" => FinishReason.Length,
        "tool_calls" or "tool_call" or "tool_use" or "function_call" or "TOOL_CALL" => FinishReason.ToolCalls,
        "content_filter" or "content_filtered" or "sensitive" or "safety" or "SAFETY" or "RECITATION" or "PROHIBITED_CONTENT" or "BLOCKLIST" or "SPII"
            or "guardrail_intervened" => FinishReason.ContentFilter,
        "refusal" => FinishReason.Refusal,
        _ => FinishReason.Other,
    };
}
