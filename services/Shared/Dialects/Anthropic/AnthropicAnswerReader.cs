using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>Reads a whole message.</summary>
internal static class AnthropicAnswerReader
{
    public static bool TryRead(ReadOnlySpan<byte> body, out ChatAnswer answer)
    {
        answer = new ChatAnswer { Origin = DialectId.Anthropic };
        if (!LenientJson.TryParseObject(body, out var root) || !root.TryArray("content", out var content))
        {
            return false;
        }

        answer.Id = root.StringOf("id");
        answer.Model = root.StringOf("model");
        var choice = new ChatChoice();
        answer.Choices.Add(choice);
        if (AnthropicContentReader.Read(content, choice.Parts) is not null)
        {
            return false;
        }

        var structured = Unwrap(choice.Parts);
        choice.FinishDetail = root.StringOf("stop_reason");
        choice.Finish = AnthropicFinish.Read(choice.FinishDetail);
        choice.StopSequence = root.StringOf("stop_sequence");
        if (structured && choice.Finish == FinishReason.ToolCalls && !choice.Parts.Exists(static p => p is ToolCallPart))
        {
            choice.Finish = FinishReason.Stop;
        }

        var tally = default(UsageTally);
        AnthropicJson.ReadUsage(ref tally, root);
        answer.Usage = tally.IsSet ? tally.Counts : null;
        answer.ServiceTier = root.TryObject("usage", out var usage) ? usage.StringOf("service_tier") : null;
        return true;
    }

    /// <summary>Turns calls of the tool that stands for structured output into the text that was asked for.</summary>
    private static bool Unwrap(List<ContentPart> parts)
    {
        var found = false;
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i] is ToolCallPart { Name: AnthropicJson.StructuredTool } call)
            {
                parts[i] = new TextPart(call.Arguments);
                found = true;
            }
        }

        return found;
    }
}
