namespace Gateway.Dialects.Chat;

/// <summary>A wire format for chat. Numbers are persisted in configuration and records: append only.</summary>
public enum DialectId
{
    /// <summary>OpenAI chat completions, and everything that calls itself compatible.</summary>
    OpenAIChat = 1,

    /// <summary>OpenAI responses.</summary>
    OpenAIResponses = 2,

    /// <summary>Anthropic messages.</summary>
    Anthropic = 3,

    /// <summary>Gemini <c>generateContent</c>, of the Gemini API and Vertex AI.</summary>
    Gemini = 4,

    /// <summary>Amazon Bedrock Converse, with its binary event stream.</summary>
    BedrockConverse = 5,

    /// <summary>Cohere chat, version 2.</summary>
    Cohere = 6,

    /// <summary>OpenAI's older completions: one prompt, one text.</summary>
    OpenAICompletions = 7,
}
