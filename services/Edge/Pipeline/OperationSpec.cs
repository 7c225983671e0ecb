using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Pipeline;

/// <summary>One inference operation of the public API.</summary>
/// <param name="Operation">What it is in the ledger.</param>
/// <param name="Dialect">The caller's dialect: of errors, and for a chat of the request and the answer.</param>
/// <param name="Upstream">What is asked of the provider.</param>
/// <param name="Shape">Where its envelope is in the body.</param>
/// <param name="HasOutput">True when tokens are generated, so that an output cap is part of the reservation.</param>
/// <param name="Name">Name in metrics and traces, of the OpenTelemetry GenAI conventions.</param>
internal sealed record OperationSpec(Operation Operation, DialectId Dialect, UpstreamOperation Upstream, EnvelopeShape Shape, bool HasOutput, string Name)
{
    public static readonly OperationSpec Chat = new(Operation.Chat, DialectId.OpenAIChat, UpstreamOperation.Chat, RequestShapes.OpenAIChat, true, "chat");

    public static readonly OperationSpec Completion = new(Operation.Completion, DialectId.OpenAICompletions, UpstreamOperation.Chat, RequestShapes.OpenAICompletions, true, "text_completion");

    public static readonly OperationSpec Embedding = new(Operation.Embedding, DialectId.OpenAIChat, UpstreamOperation.Embedding, RequestShapes.OpenAIEmbeddings, false, "embeddings");

    public static readonly OperationSpec Responses = Chat with { Dialect = DialectId.OpenAIResponses, Shape = RequestShapes.OpenAIResponses };

    public static readonly OperationSpec Messages = Chat with { Dialect = DialectId.Anthropic, Shape = RequestShapes.Anthropic };

    public static readonly OperationSpec GenerateContent = Chat with { Dialect = DialectId.Gemini, Shape = RequestShapes.Gemini };

    public static readonly OperationSpec StreamGenerateContent = Chat with { Dialect = DialectId.Gemini, Shape = RequestShapes.GeminiStream };

    public static readonly OperationSpec Converse = Chat with { Dialect = DialectId.BedrockConverse, Shape = RequestShapes.Bedrock };

    public static readonly OperationSpec ConverseStream = Chat with { Dialect = DialectId.BedrockConverse, Shape = RequestShapes.BedrockStream };

    public static readonly OperationSpec CohereChat = Chat with { Dialect = DialectId.Cohere, Shape = RequestShapes.Cohere };
}
