using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Passthrough;

/// <summary>Requests that are passed on, in the dialect in which the provider's clients expect errors.</summary>
internal static class PassthroughSpecs
{
    // What is needed to bound the cost of a request, by every name that one of the APIs has for it.
    private static readonly EnvelopeShape _shape = new(
        new EnvelopeMember("model", EnvelopeRole.Model),
        new EnvelopeMember("stream", EnvelopeRole.Stream),
        new EnvelopeMember("max_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("max_completion_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("max_output_tokens", EnvelopeRole.Cap),
        new EnvelopeMember("n", EnvelopeRole.Choices),
        new EnvelopeMember("best_of", EnvelopeRole.Choices),
        new EnvelopeMember("metadata", EnvelopeRole.Metadata),
        new EnvelopeMember(
            "generationConfig",
            EnvelopeRole.Group,
            new EnvelopeMember("maxOutputTokens", EnvelopeRole.Cap),
            new EnvelopeMember("max_output_tokens", EnvelopeRole.Cap),
            new EnvelopeMember("candidateCount", EnvelopeRole.Choices)),
        new EnvelopeMember(
            "generation_config",
            EnvelopeRole.Group,
            new EnvelopeMember("maxOutputTokens", EnvelopeRole.Cap),
            new EnvelopeMember("max_output_tokens", EnvelopeRole.Cap),
            new EnvelopeMember("candidate_count", EnvelopeRole.Choices)),
        new EnvelopeMember("inferenceConfig", EnvelopeRole.Group, new EnvelopeMember("maxTokens", EnvelopeRole.Cap)));

    private static readonly OperationSpec _openAI = Create(DialectId.OpenAIChat);
    private static readonly OperationSpec _responses = Create(DialectId.OpenAIResponses);
    private static readonly OperationSpec _anthropic = Create(DialectId.Anthropic);
    private static readonly OperationSpec _gemini = Create(DialectId.Gemini);
    private static readonly OperationSpec _bedrock = Create(DialectId.BedrockConverse);
    private static readonly OperationSpec _cohere = Create(DialectId.Cohere);

    /// <summary>What a request is, by whose API it asks and where.</summary>
    public static OperationSpec Of(ProviderKind? kind, string path) => kind switch
    {
        ProviderKind.Anthropic => _anthropic,
        ProviderKind.Gemini or ProviderKind.VertexAI => _gemini,
        ProviderKind.Bedrock => _bedrock,
        ProviderKind.Cohere => _cohere,
        _ => path.EndsWith("/responses", StringComparison.Ordinal) ? _responses : path.EndsWith("/messages", StringComparison.Ordinal) ? _anthropic : _openAI,
    };

    private static OperationSpec Create(DialectId dialect) => new(Operation.Passthrough, dialect, UpstreamOperation.Chat, _shape, true, "passthrough");
}
