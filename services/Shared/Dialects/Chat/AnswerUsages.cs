using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Cohere;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.Responses;

namespace Gateway.Dialects.Chat;

/// <summary>The usage of whole answers that are passed on as they are, found in one pass over the bytes.</summary>
public static class AnswerUsages
{
    /// <summary>Reads the usage of a whole answer.</summary>
    /// <param name="dialect">The answer's dialect.</param>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens.</param>
    public static AnswerUsage Read(DialectId dialect, ReadOnlySpan<byte> answer, out TokenCounts counts) => dialect switch
    {
        DialectId.OpenAIResponses => ResponsesUsage.ReadAnswer(answer, out counts),
        DialectId.Anthropic => AnthropicUsage.ReadAnswer(answer, out counts),
        DialectId.Gemini => GeminiUsage.ReadAnswer(answer, out counts),
        DialectId.BedrockConverse => BedrockUsage.ReadAnswer(answer, out counts),
        DialectId.Cohere => CohereUsage.ReadAnswer(answer, out counts),
        _ => UsageReader.ReadAnswer(answer, out counts),
    };
}
