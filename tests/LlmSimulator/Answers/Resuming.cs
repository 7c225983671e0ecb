using System.Text.Json;

namespace Gateway.LlmSimulator.Answers;

/// <summary>What is left of an answer whose beginning the conversation has already.</summary>
internal static class Resuming
{
    /// <summary>The beginning of an answer that a conversation ends with: its last message, or the last but one where the user spoke after it. Null when there is none.</summary>
    public static string? Beginning(IReadOnlyList<JsonElement> messages)
    {
        for (var i = messages.Count - 1; i >= Math.Max(0, messages.Count - 2); i--)
        {
            if (messages[i].GetProperty("role").GetString() == "assistant" && messages[i].TryGetProperty("content", out var content))
            {
                return content.ValueKind == JsonValueKind.String ? content.GetString()
                    : content.ValueKind == JsonValueKind.Array ? string.Concat(content.EnumerateArray().Select(static p => p.TryGetProperty("text", out var text) ? text.GetString() : ""))
                    : null;
            }
        }

        return null;
    }

    /// <summary>The rest of a text, with some characters before it again; the whole text when it does not begin so.</summary>
    public static string Rest(string text, string? beginning, int repeat)
    {
        if (beginning is null || !text.StartsWith(beginning, StringComparison.Ordinal))
        {
            return text;
        }

        var at = Math.Max(0, beginning.Length - repeat);
        return text[(at > 0 && char.IsLowSurrogate(text.Length > at ? text[at] : 'x') ? at - 1 : at)..];
    }
}
