using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>What of an answer a dialect can say: both sides of a comparison are brought to it first.</summary>
internal static class Expressible
{
    public static AnswerDigest In(DialectId dialect, AnswerDigest digest)
    {
        var said = digest with { Finish = Finish(dialect, digest), Usage = Usage(dialect, digest.Usage) };
        if (dialect is not (DialectId.OpenAIChat or DialectId.OpenAIResponses))
        {
            // No refusals: they are text.
            said = said with { Text = digest.Text + digest.Refusal, Refusal = "" };
        }

        return dialect == DialectId.OpenAICompletions ? said with { Reasoning = "", Calls = [] } : said;
    }

    private static FinishReason Finish(DialectId dialect, AnswerDigest digest)
    {
        var finish = digest.Finish;
        if (finish is FinishReason.Stop or FinishReason.Pause or FinishReason.StopSequence or FinishReason.ToolCalls)
        {
            // Whether an answer calls tools is seen from the calls in most dialects.
            return dialect == DialectId.OpenAICompletions || digest.Calls.Count == 0
                ? finish == FinishReason.StopSequence && dialect is DialectId.Anthropic or DialectId.BedrockConverse or DialectId.Cohere ? finish : FinishReason.Stop
                : FinishReason.ToolCalls;
        }

        return finish switch
        {
            FinishReason.Other when dialect is not DialectId.Cohere and not (DialectId.Gemini or DialectId.OpenAIResponses) => digest.Calls.Count > 0 ? FinishReason.ToolCalls : FinishReason.Stop,
            FinishReason.Refusal or FinishReason.ContentFilter => FinishReason.ContentFilter,
            _ => finish,
        };
    }

    /// <summary>Every dialect keeps the sums of input and output; the classes only those that have all of them.</summary>
    private static TokenCounts? Usage(DialectId dialect, TokenCounts? usage) =>
        usage is not { } all || dialect is DialectId.OpenAIChat or DialectId.OpenAIResponses ? usage
            : new TokenCounts { Input = all.Prompt, Output = all.Generated };
}
