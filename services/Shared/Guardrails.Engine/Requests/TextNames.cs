using System.Collections.Frozen;
using System.Text.Json;

namespace Gateway.Guardrails.Engine.Requests;

/// <summary>Names of members of request bodies, over all dialects, that say what lies below them. What is not named here is text that a model reads.</summary>
internal static class TextNames
{
    /// <summary>Structure, never text, wherever it stands in what a model reads.</summary>
    public static readonly FrozenSet<string> Structure = FrozenSet.Create(
        StringComparer.Ordinal,
        "type", "role", "id", "name", "model", "status", "call_id", "tool_call_id", "tool_use_id", "toolUseId", "server_label", "server_url", "item_id", "event_id",
        "media_type", "mime_type", "mimeType", "mediaType", "format", "detail", "bytes", "data", "file_id", "fileId", "file_uri", "fileUri", "file_data", "file_url",
        "image_url", "url", "uri", "s3Location", "signature", "thought_signature", "thoughtSignature", "encrypted_content", "encrypted_index", "redactedContent", "cache_control", "cachePoint",
        "annotations", "citations", "logprobs", "phase", "tool_choice", "toolChoice", "voice", "modalities", "audio", "truncation", "input_type", "embedding_types",
        "turn_detection", "input_audio_format", "output_audio_format", "taskType", "task", "previous_item_id", "expires_at", "container");

    /// <summary>Members of a whole request that a model reads, besides those that are the application's.</summary>
    public static readonly FrozenSet<string> Prompts = FrozenSet.Create(
        StringComparer.Ordinal,
        "messages", "contents", "content", "input", "inputs", "prompt", "query", "texts", "suffix", "prediction", "requests", "message", "chat_history", "item", "session", "response",
        "generateContentRequest", "instances", "title", "promptVariables", "negative_prompt");

    /// <summary>Bytes of media, which are no text in any sense.</summary>
    public static readonly FrozenSet<string> Media = FrozenSet.Create(StringComparer.Ordinal, "data", "bytes", "file_data");

    /// <summary>What the application says.</summary>
    public static readonly FrozenSet<string> System = FrozenSet.Create(StringComparer.Ordinal, "system", "systemInstruction", "system_instruction", "instructions", "preamble");

    /// <summary>Definitions of tools, of which only the descriptions are text.</summary>
    public static readonly FrozenSet<string> Definitions = FrozenSet.Create(StringComparer.Ordinal, "tools", "functions", "toolConfig", "tool_config");

    /// <summary>Objects that are calls of tools, by the member that holds them.</summary>
    public static readonly FrozenSet<string> Calls = FrozenSet.Create(StringComparer.Ordinal, "functionCall", "function_call", "toolUse", "function", "custom");

    /// <summary>Objects that are calls of tools, by their type.</summary>
    public static readonly FrozenSet<string> CallTypes = FrozenSet.Create(StringComparer.Ordinal, "tool_use", "server_tool_use", "mcp_tool_use", "function_call", "custom_tool_call", "mcp_call");

    /// <summary>Objects that are results of tools, by the member that holds them.</summary>
    public static readonly FrozenSet<string> Results = FrozenSet.Create(StringComparer.Ordinal, "functionResponse", "function_response", "toolResult", "codeExecutionResult");

    /// <summary>Documents, by the member that holds them.</summary>
    public static readonly FrozenSet<string> Documents = FrozenSet.Create(StringComparer.Ordinal, "documents", "document", "searchResult");

    /// <summary>True for a member that holds media, or says where they are.</summary>
    public static bool IsMedia(JsonProperty member) =>
        member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Object && member.Name is "data" or "bytes" or "file_data" or "file_id" or "fileId" or "file_uri" or "fileUri" or "file_url" or "image_url" or "s3Location";

    /// <summary>True for the type of an object that is the result of a tool.</summary>
    public static bool IsResult(string? type) =>
        type is not null && (type.EndsWith("_output", StringComparison.Ordinal) || type.EndsWith("tool_result", StringComparison.Ordinal)) && type is not "message_output";
}
