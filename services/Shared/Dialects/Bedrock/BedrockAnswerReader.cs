using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Bedrock;

/// <summary>Reads a whole answer of Converse.</summary>
internal static class BedrockAnswerReader
{
    public static bool TryRead(ReadOnlySpan<byte> body, out ChatAnswer answer)
    {
        answer = new ChatAnswer { Origin = DialectId.BedrockConverse };
        if (!LenientJson.TryParseObject(body, out var root) || !root.TryObject("output", out var output) || !output.TryObject("message", out var message))
        {
            return false;
        }

        var choice = new ChatChoice();
        answer.Choices.Add(choice);
        var structured = false;
        if (message.TryArray("content", out var content))
        {
            structured = content.EnumerateArray().Any(static b => b.TryObject("toolUse", out var call) && call.StringOf("name") == Anthropic.AnthropicJson.StructuredTool);
            BedrockContentReader.Read(content, choice.Parts);
        }

        choice.FinishDetail = root.StringOf("stopReason");
        choice.Finish = BedrockFinish.Read(choice.FinishDetail);
        if (structured && choice.Finish == FinishReason.ToolCalls && !choice.Parts.Exists(static p => p is ToolCallPart))
        {
            choice.Finish = FinishReason.Stop;
        }

        choice.StopSequence = StopSequence(root);
        answer.Usage = BedrockUsage.ReadAnswer(body, out var counts) == AnswerUsage.Found ? counts : null;
        answer.ServiceTier = root.TryObject("serviceTier", out var tier) ? tier.StringOf("type") : null;
        return true;
    }

    /// <summary>The stop sequence, which Claude tells among its own fields when asked to.</summary>
    public static string? StopSequence(JsonElement owner) =>
        !owner.TryObject("additionalModelResponseFields", out var more) ? null
        : more.StringOf("stop_sequence") ?? (more.TryObject("delta", out var delta) ? delta.StringOf("stop_sequence") : null);
}
