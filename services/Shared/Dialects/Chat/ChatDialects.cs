using Gateway.Dialects.Anthropic;
using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Cohere;
using Gateway.Dialects.Gemini;
using Gateway.Dialects.OpenAI;
using Gateway.Dialects.OpenAI.Completions;
using Gateway.Dialects.Responses;

namespace Gateway.Dialects.Chat;

/// <summary>All dialects.</summary>
public static class ChatDialects
{
    /// <summary>The dialect of that number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static IChatDialect Get(DialectId id) => id switch
    {
        DialectId.OpenAIChat => OpenAIChatDialect.Instance,
        DialectId.OpenAIResponses => ResponsesDialect.Instance,
        DialectId.OpenAICompletions => OpenAICompletionsDialect.Instance,
        DialectId.Anthropic => AnthropicDialect.Instance,
        DialectId.BedrockConverse => BedrockConverseDialect.Instance,
        DialectId.Gemini => GeminiDialect.Instance,
        DialectId.Cohere => CohereDialect.Instance,
        _ => throw new ArgumentOutOfRangeException(nameof(id), id, "No such dialect."),
    };
}
