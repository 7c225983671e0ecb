namespace Gateway.Dialects.Envelopes;

/// <summary>The request formats whose envelopes the gateway reads.</summary>
public static class RequestShapes
{
    /// <summary>OpenAI chat completions.</summary>
    public static EnvelopeShape OpenAIChat { get; } = new(
        Model(),
        new EnvelopeMember("messages", EnvelopeRole.PromptArray) { Required = true },
        Stream(),
        new EnvelopeMember("max_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("max_completion_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("service_tier", EnvelopeRole.Tier),
        new EnvelopeMember("n", EnvelopeRole.Choices),
        new EnvelopeMember("stream_options", EnvelopeRole.StreamOptions),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata),
        User(),
        SafetyIdentifier(),
        new EnvelopeMember("tools", EnvelopeRole.Tools),
        new EnvelopeMember("functions", EnvelopeRole.Tools),
        new EnvelopeMember("fallbacks", EnvelopeRole.Fallbacks))
    {
        // "image_url" stands twice in a part, as its type and as the member that holds the address; only the member is counted.
        Media = [new("image_url", MediaMemberKind.Item), new("type", MediaMemberKind.Document, "file"), new("file_id", MediaMemberKind.Address)],
    };

    /// <summary>OpenAI completions. <c>best_of</c> choices are made and paid for, whatever <c>n</c> of them come back.</summary>
    public static EnvelopeShape OpenAICompletions { get; } = new(
        Model(),
        new EnvelopeMember("prompt", EnvelopeRole.Prompt) { Required = true },
        Stream(),
        new EnvelopeMember("max_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("max_completion_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("n", EnvelopeRole.Choices),
        new EnvelopeMember("best_of", EnvelopeRole.Choices),
        new EnvelopeMember("stream_options", EnvelopeRole.StreamOptions),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata),
        User());

    /// <summary>OpenAI embeddings.</summary>
    public static EnvelopeShape OpenAIEmbeddings { get; } = new(
        Model(),
        new EnvelopeMember("input", EnvelopeRole.Prompt) { Required = true },
        new EnvelopeMember("metadata", EnvelopeRole.Metadata),
        User());

    /// <summary>OpenAI responses.</summary>
    public static EnvelopeShape OpenAIResponses { get; } = new(
        Model(),
        new EnvelopeMember("input", EnvelopeRole.Prompt),
        Stream(),
        new EnvelopeMember("service_tier", EnvelopeRole.Tier),
        new EnvelopeMember("max_output_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata),
        User(),
        SafetyIdentifier(),
        new EnvelopeMember("tools", EnvelopeRole.Tools),
        new EnvelopeMember("previous_response_id", EnvelopeRole.Reference),
        new EnvelopeMember("conversation", EnvelopeRole.Reference),
        new EnvelopeMember("prompt", EnvelopeRole.Reference))
    {
        Media =
        [
            new("type", MediaMemberKind.Item, "input_image"), new("type", MediaMemberKind.Document, "input_file"),
            new("file_id", MediaMemberKind.Address), new("file_url", MediaMemberKind.Address),
        ],
    };

    /// <summary>Anthropic messages.</summary>
    public static EnvelopeShape Anthropic { get; } = new(
        Model(),
        new EnvelopeMember("messages", EnvelopeRole.PromptArray) { Required = true },
        Stream(),
        new EnvelopeMember("service_tier", EnvelopeRole.Tier),
        new EnvelopeMember("max_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("tools", EnvelopeRole.Tools),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata))
    {
        Media =
        [
            new("type", MediaMemberKind.Item, "image"), new("type", MediaMemberKind.Document, "document"),
            new("type", MediaMemberKind.Address, "url"), new("type", MediaMemberKind.Address, "file"),
        ],
    };

    /// <summary>Gemini <c>generateContent</c>. Members may be named in camelCase and snake_case.</summary>
    public static EnvelopeShape Gemini { get; } = new(
        new EnvelopeMember("contents", EnvelopeRole.Prompt) { Required = true },
        new EnvelopeMember(
            "generationConfig",
            EnvelopeRole.Group,
            new EnvelopeMember("maxOutputTokens", EnvelopeRole.Cap),
            new EnvelopeMember("max_output_tokens", EnvelopeRole.Cap),
            new EnvelopeMember("candidateCount", EnvelopeRole.Choices),
            new EnvelopeMember("candidate_count", EnvelopeRole.Choices)),
        new EnvelopeMember(
            "generation_config",
            EnvelopeRole.Group,
            new EnvelopeMember("maxOutputTokens", EnvelopeRole.Cap),
            new EnvelopeMember("max_output_tokens", EnvelopeRole.Cap),
            new EnvelopeMember("candidateCount", EnvelopeRole.Choices),
            new EnvelopeMember("candidate_count", EnvelopeRole.Choices)),
        new EnvelopeMember("tools", EnvelopeRole.NamedTools),
        new EnvelopeMember("labels", EnvelopeRole.Metadata),
        new EnvelopeMember("cachedContent", EnvelopeRole.Reference),
        new EnvelopeMember("cached_content", EnvelopeRole.Reference))
    {
        Media =
        [
            new("inlineData", MediaMemberKind.Item), new("inline_data", MediaMemberKind.Item),
            new("fileData", MediaMemberKind.Reference), new("file_data", MediaMemberKind.Reference),
        ],
    };

    /// <summary>Gemini <c>streamGenerateContent</c>.</summary>
    public static EnvelopeShape GeminiStream { get; } = Gemini.Streamed();

    /// <summary>Bedrock <c>converse</c>.</summary>
    public static EnvelopeShape Bedrock { get; } = new(
        new EnvelopeMember("messages", EnvelopeRole.PromptArray) { Required = true },
        new EnvelopeMember("serviceTier", EnvelopeRole.Group, new EnvelopeMember("type", EnvelopeRole.Tier)),
        new EnvelopeMember("inferenceConfig", EnvelopeRole.Group, new EnvelopeMember("maxTokens", EnvelopeRole.Cap)),
        new EnvelopeMember("toolConfig", EnvelopeRole.Tools),
        new EnvelopeMember("requestMetadata", EnvelopeRole.Metadata))
    {
        Media = [new("bytes", MediaMemberKind.Item), new("s3Location", MediaMemberKind.Reference)],
    };

    /// <summary>Bedrock <c>converse-stream</c>.</summary>
    public static EnvelopeShape BedrockStream { get; } = Bedrock.Streamed();

    /// <summary>Cohere chat, version 2.</summary>
    public static EnvelopeShape Cohere { get; } = new(
        Model(),
        new EnvelopeMember("messages", EnvelopeRole.PromptArray) { Required = true },
        Stream(),
        new EnvelopeMember("max_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("tools", EnvelopeRole.Tools),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata))
    {
        Media = [new("image_url", MediaMemberKind.Item)],
    };

    /// <summary>Gemini <c>embedContent</c>.</summary>
    public static EnvelopeShape GeminiEmbed { get; } = new(new EnvelopeMember("content", EnvelopeRole.Any) { Required = true });

    /// <summary>Gemini <c>batchEmbedContents</c>.</summary>
    public static EnvelopeShape GeminiBatchEmbed { get; } = new(new EnvelopeMember("requests", EnvelopeRole.PromptArray) { Required = true });

    /// <summary>Gemini <c>countTokens</c>: a prompt, or a whole request.</summary>
    public static EnvelopeShape GeminiCount { get; } = new(new EnvelopeMember("contents", EnvelopeRole.Any));

    /// <summary>Cohere <c>embed</c>, version 2: texts, images or inputs.</summary>
    public static EnvelopeShape CohereEmbed { get; } = new(
        Model(),
        new EnvelopeMember("images", EnvelopeRole.PromptArray),
        new EnvelopeMember("inputs", EnvelopeRole.PromptArray))
    {
        Media = [new("image_url", MediaMemberKind.Item)],
    };

    /// <summary>Reranking, in any form.</summary>
    public static EnvelopeShape Rerank { get; } = new(
        Model(),
        new EnvelopeMember("query", EnvelopeRole.Any) { Required = true },
        new EnvelopeMember("documents", EnvelopeRole.PromptArray) { Required = true },
        new EnvelopeMember("metadata", EnvelopeRole.Metadata));

    /// <summary>OpenAI moderations.</summary>
    public static EnvelopeShape Moderation { get; } = new(
        Model(),
        new EnvelopeMember("input", EnvelopeRole.Prompt) { Required = true },
        new EnvelopeMember("metadata", EnvelopeRole.Metadata))
    {
        Media = [new("image_url", MediaMemberKind.Item)],
    };

    /// <summary>OpenAI images, made of a prompt.</summary>
    public static EnvelopeShape Images { get; } = new(
        Model(),
        new EnvelopeMember("prompt", EnvelopeRole.Prompt) { Required = true },
        Stream(),
        new EnvelopeMember("n", EnvelopeRole.Choices),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata),
        User());

    /// <summary>OpenAI images, made of other images: a form, or JSON with addresses.</summary>
    public static EnvelopeShape ImageEdits { get; } = new(
        Model(),
        Stream(),
        new EnvelopeMember("n", EnvelopeRole.Choices),
        new EnvelopeMember("images", EnvelopeRole.PromptArray),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata),
        User())
    {
        Media = [new("image_url", MediaMemberKind.Item), new("file_id", MediaMemberKind.Item)],
    };

    /// <summary>OpenAI speech.</summary>
    public static EnvelopeShape Speech { get; } = new(
        Model(),
        new EnvelopeMember("input", EnvelopeRole.Prompt) { Required = true },
        new EnvelopeMember("metadata", EnvelopeRole.Metadata));

    /// <summary>OpenAI transcriptions and translations: a form.</summary>
    public static EnvelopeShape Transcription { get; } = new(
        Model(),
        Stream(),
        new EnvelopeMember("file", EnvelopeRole.Any) { Required = true });

    private static EnvelopeMember Model() => new("model", EnvelopeRole.Model);

    private static EnvelopeMember User() => new("user", EnvelopeRole.User);

    private static EnvelopeMember SafetyIdentifier() => new("safety_identifier", EnvelopeRole.SafetyIdentifier);

    private static EnvelopeMember Stream() => new("stream", EnvelopeRole.Stream);
}
