using Gateway.Dialects.Chat;

namespace Gateway.Edge.Tools;

/// <summary>Puts results into conversations.</summary>
internal static class Conversations
{
    /// <summary>The conversation with results added to what answers its last turn of the model.</summary>
    public static IReadOnlyList<ChatMessage> Answered(IReadOnlyList<ChatMessage> messages, IEnumerable<ToolResultPart> results)
    {
        var last = messages.Count - 1;
        while (messages[last].Role != ChatRole.Assistant)
        {
            last--;
        }

        var answers = new ChatMessage(ChatRole.Tool);
        answers.Parts.AddRange(messages.Skip(last + 1).Where(static m => m.Role == ChatRole.Tool).SelectMany(static m => m.Parts));
        answers.Parts.AddRange(results);
        // In the order of the calls, which some dialects want.
        var order = messages[last].Parts.OfType<ToolCallPart>().Select(static c => c.Id).ToList();
        var sorted = answers.Parts.OrderBy(p => p is ToolResultPart result ? order.IndexOf(result.CallId) : int.MaxValue).ToList();
        answers.Parts.Clear();
        answers.Parts.AddRange(sorted);
        // What else the caller says comes after what his model asked for.
        return [.. messages.Take(last + 1), answers, .. messages.Skip(last + 1).Where(static m => m.Role != ChatRole.Tool)];
    }
}
