namespace Gateway.Dialects.Chat;

/// <summary>What a neutral member of a request is called by callers, for the list of what was dropped.</summary>
internal static class CallerNames
{
    /// <summary>The member's path in the caller's dialect.</summary>
    /// <param name="origin">The caller's dialect.</param>
    /// <param name="name">The member's name in OpenAI's chat dialect.</param>
    public static string Of(DialectId origin, string name) => origin switch
    {
        DialectId.Anthropic => Anthropic(name),
        DialectId.Gemini => Gemini(name),
        DialectId.BedrockConverse => Bedrock(name),
        DialectId.Cohere => Cohere(name),
        DialectId.OpenAIResponses => Responses(name),
        _ => name,
    };

    /// <summary>The path of a kind of content, wherever in the conversation it stands.</summary>
    public static string Content(DialectId origin, string kind) => $"{Of(origin, "messages")}.{kind}";

    /// <summary>The path of a medium's kind.</summary>
    public static string Content(DialectId origin, MediaKind kind) => Content(origin, kind.ToString().ToLowerInvariant());

    private static string Anthropic(string name) => name switch
    {
        "stop" => "stop_sequences",
        "reasoning_effort" => "thinking",
        "response_format" => "output_config.format",
        "user" => "metadata.user_id",
        "parallel_tool_calls" => "tool_choice.disable_parallel_tool_use",
        _ => name,
    };

    private static string Gemini(string name) => name switch
    {
        "temperature" or "seed" => "generationConfig." + name,
        "top_p" => "generationConfig.topP",
        "top_k" => "generationConfig.topK",
        "n" => "generationConfig.candidateCount",
        "stop" => "generationConfig.stopSequences",
        "frequency_penalty" => "generationConfig.frequencyPenalty",
        "presence_penalty" => "generationConfig.presencePenalty",
        "logprobs" => "generationConfig.responseLogprobs",
        "top_logprobs" => "generationConfig.logprobs",
        "reasoning_effort" => "generationConfig.thinkingConfig",
        "response_format" => "generationConfig.responseSchema",
        "modalities" => "generationConfig.responseModalities",
        "tool_choice" => "toolConfig.functionCallingConfig",
        "metadata" => "labels",
        "messages" => "contents",
        _ => name,
    };

    private static string Bedrock(string name) => name switch
    {
        "temperature" => "inferenceConfig.temperature",
        "top_p" => "inferenceConfig.topP",
        "stop" => "inferenceConfig.stopSequences",
        "top_k" or "seed" => "additionalModelRequestFields." + name,
        "reasoning_effort" => "additionalModelRequestFields.thinking",
        "response_format" => "outputConfig.textFormat",
        "tool_choice" => "toolConfig.toolChoice",
        "tools" => "toolConfig.tools",
        "metadata" => "requestMetadata",
        "service_tier" => "serviceTier",
        _ => name,
    };

    private static string Cohere(string name) => name switch
    {
        "top_p" => "p",
        "top_k" => "k",
        "stop" => "stop_sequences",
        "reasoning_effort" => "thinking",
        _ => name,
    };

    private static string Responses(string name) => name switch
    {
        "reasoning_effort" => "reasoning.effort",
        "response_format" => "text.format",
        "verbosity" => "text.verbosity",
        "logprobs" => "include",
        "messages" => "input",
        _ => name,
    };
}
