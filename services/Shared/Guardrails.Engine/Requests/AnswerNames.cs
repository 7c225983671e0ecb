using System.Collections.Frozen;
using System.Text.Json;

namespace Gateway.Guardrails.Engine.Requests;

/// <summary>What a member of an answer is, where the table of requests would have it wrong or says nothing.</summary>
internal enum AnswerMember
{
    /// <summary>It describes the answer.</summary>
    Structure,

    /// <summary>It is something that a person reads, or holds such.</summary>
    Text,

    /// <summary>It is sound or a picture, or numbers.</summary>
    Media,

    /// <summary>It tells a text once more, token by token.</summary>
    Tells,
}

/// <summary>Names of members of answers, over all dialects. What is named neither here nor in <see cref="TextNames"/> is text.</summary>
internal static class AnswerNames
{
    private static readonly FrozenSet<string> _structure = FrozenSet.Create(
        StringComparer.Ordinal,
        "object", "created", "created_at", "completed_at", "failed_at", "createTime", "system_fingerprint", "service_tier", "finish_reason", "native_finish_reason", "finishReason", "stop_reason", "stopReason",
        "modelVersion", "model_version", "responseId", "response_id", "provider", "usage", "usageMetadata", "usage_metadata", "safetyRatings", "previous_response_id", "owned_by", "request_id", "custom_id", "language",
        "sequence_number", "output_index", "content_index", "summary_index", "obfuscation", "stop_reason_details", "incomplete_details", "p", "item_ids", "group", "purpose", "batch_id", "encoding_format");

    private static readonly FrozenSet<string> _media = FrozenSet.Create(StringComparer.Ordinal, "b64_json", "bytesBase64Encoded", "partial_image_b64", "embedding", "embeddings", "vector", "audio_content", "audioContent");

    private static readonly FrozenSet<string> _tells = FrozenSet.Create(StringComparer.Ordinal, "logprobs", "logprobsResult", "top_logprobs", "token_logprobs");

    // Where requests have media or settings by these names, answers have what is read.
    private static readonly FrozenSet<string> _text = FrozenSet.Create(StringComparer.Ordinal, "annotations", "citations", "audio", "content");

    /// <summary>What a member is; null: what the table of requests says.</summary>
    /// <param name="member">The member.</param>
    /// <param name="type">Type of the object that has it, or null.</param>
    public static AnswerMember? Find(JsonProperty member, string? type)
    {
        var (name, value) = (member.Name, member.Value.ValueKind);
        return _structure.Contains(name) ? AnswerMember.Structure
            : _tells.Contains(name) ? AnswerMember.Tells
            : _media.Contains(name) || (type == "image_generation_call" && name == "result") ? AnswerMember.Media
            : name == "data" ? value == JsonValueKind.String ? AnswerMember.Media : AnswerMember.Text
            : _text.Contains(name) && value is JsonValueKind.Object or JsonValueKind.Array ? AnswerMember.Text
            : null;
    }
}
