using Gateway.Dialects.Chat;

namespace Gateway.Recordings;

/// <summary>What a recorded call asked for.</summary>
public enum Operation
{
    /// <summary>OpenAI chat completions, and what is compatible with it.</summary>
    Chat,

    /// <summary>OpenAI's older completions.</summary>
    Completions,

    /// <summary>OpenAI responses: creating one, plain or streamed.</summary>
    Responses,

    /// <summary>Anthropic messages, also by way of Vertex AI and Bedrock's InvokeModel.</summary>
    Messages,

    /// <summary>Gemini's generateContent and streamGenerateContent.</summary>
    GenerateContent,

    /// <summary>Bedrock Converse and ConverseStream.</summary>
    Converse,

    /// <summary>Cohere chat, version 2.</summary>
    CohereChat,

    /// <summary>Embeddings of any provider.</summary>
    Embeddings,

    /// <summary>Reranking of any provider.</summary>
    Rerank,

    /// <summary>Speech, transcriptions and translations.</summary>
    Audio,

    /// <summary>Image generation and edits.</summary>
    Image,

    /// <summary>Moderations.</summary>
    Moderation,

    /// <summary>Uploaded files.</summary>
    Files,

    /// <summary>Batches.</summary>
    Batches,

    /// <summary>Listing and looking up models.</summary>
    Models,

    /// <summary>Everything about answers the provider has stored: looking up, listing, deleting, cancelling.</summary>
    Stored,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>What follows from an operation.</summary>
public static class Operations
{
    /// <summary>The chat dialect an operation is in; null where it is no chat.</summary>
    public static DialectId? DialectOf(Operation operation) => operation switch
    {
        Operation.Chat => DialectId.OpenAIChat,
        Operation.Completions => DialectId.OpenAICompletions,
        Operation.Responses => DialectId.OpenAIResponses,
        Operation.Messages => DialectId.Anthropic,
        Operation.GenerateContent => DialectId.Gemini,
        Operation.Converse => DialectId.BedrockConverse,
        Operation.CohereChat => DialectId.Cohere,
        _ => null,
    };
}
