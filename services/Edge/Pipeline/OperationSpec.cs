using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Embeddings;
using Gateway.Dialects.Envelopes;
using Gateway.Dialects.Rerank;
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
    // A large image of high quality takes a little over six thousand tokens.
    private const int TokensOfAnImage = 8_192;

    public static readonly OperationSpec Chat = new(Operation.Chat, DialectId.OpenAIChat, UpstreamOperation.Chat, RequestShapes.OpenAIChat, true, "chat");

    public static readonly OperationSpec Completion = new(Operation.Completion, DialectId.OpenAICompletions, UpstreamOperation.Chat, RequestShapes.OpenAICompletions, true, "text_completion");

    public static readonly OperationSpec Embedding = new(Operation.Embedding, DialectId.OpenAIChat, UpstreamOperation.Embedding, RequestShapes.OpenAIEmbeddings, false, "embeddings");

    public static readonly OperationSpec Responses = Chat with { Dialect = DialectId.OpenAIResponses, Shape = RequestShapes.OpenAIResponses };

    public static readonly OperationSpec Messages = Chat with { Dialect = DialectId.Anthropic, Shape = RequestShapes.Anthropic };

    public static readonly OperationSpec GenerateContent = Chat with { Dialect = DialectId.Gemini, Shape = RequestShapes.Gemini };

    public static readonly OperationSpec StreamGenerateContent = Chat with { Dialect = DialectId.Gemini, Shape = RequestShapes.GeminiStream };

    public static readonly OperationSpec Converse = Chat with { Dialect = DialectId.BedrockConverse, Shape = RequestShapes.Bedrock };

    public static readonly OperationSpec ConverseStream = Chat with { Dialect = DialectId.BedrockConverse, Shape = RequestShapes.BedrockStream };

    public static readonly OperationSpec GeminiEmbed = Embedding with { Dialect = DialectId.Gemini, Shape = RequestShapes.GeminiEmbed, EmbeddingWire = EmbeddingWire.Gemini };

    public static readonly OperationSpec GeminiBatchEmbed = GeminiEmbed with { Shape = RequestShapes.GeminiBatchEmbed, EmbeddingWire = EmbeddingWire.GeminiBatch };

    public static readonly OperationSpec CohereEmbed = Embedding with { Dialect = DialectId.Cohere, Shape = RequestShapes.CohereEmbed, EmbeddingWire = EmbeddingWire.Cohere };

    public static readonly OperationSpec Rerank = new(Operation.Rerank, DialectId.OpenAIChat, UpstreamOperation.Rerank, RequestShapes.Rerank, false, "rerank");

    public static readonly OperationSpec CohereRerank = Rerank with { Dialect = DialectId.Cohere, RerankWire = RerankWire.Cohere };

    public static readonly OperationSpec Moderation = new(Operation.Moderation, DialectId.OpenAIChat, UpstreamOperation.Moderation, RequestShapes.Moderation, false, "moderation")
    {
        DefaultModel = "omni-moderation-latest",
    };

    public static readonly OperationSpec CountTokens = new(Operation.CountTokens, DialectId.Anthropic, UpstreamOperation.CountTokens, RequestShapes.Anthropic, false, "count_tokens") { IsFree = true };

    public static readonly OperationSpec GeminiCountTokens = CountTokens with { Dialect = DialectId.Gemini, Shape = RequestShapes.GeminiCount };

    public static readonly OperationSpec Images = new(Operation.Image, DialectId.OpenAIChat, UpstreamOperation.ImageGeneration, RequestShapes.Images, true, "image_generation")
    {
        DefaultModel = "dall-e-2",
        LeastOutputBound = TokensOfAnImage,
    };

    public static readonly OperationSpec ImageEdits = Images with { Upstream = UpstreamOperation.ImageEdit, Shape = RequestShapes.ImageEdits, Name = "image_edit", TakesForm = true };

    public static readonly OperationSpec ImageVariations = ImageEdits with { Upstream = UpstreamOperation.ImageVariation, Name = "image_variation" };

    public static readonly OperationSpec Speech = new(Operation.Speech, DialectId.OpenAIChat, UpstreamOperation.Speech, RequestShapes.Speech, true, "speech");

    public static readonly OperationSpec Transcription = new(Operation.Transcription, DialectId.OpenAIChat, UpstreamOperation.Transcription, RequestShapes.Transcription, true, "transcription")
    {
        TakesForm = true,
        TakesJson = false,
    };

    public static readonly OperationSpec AudioTranslation = Transcription with { Upstream = UpstreamOperation.Translation, Name = "translation" };

    public static readonly OperationSpec CohereChat = Chat with { Dialect = DialectId.Cohere, Shape = RequestShapes.Cohere };

    public static readonly OperationSpec StoredResponse = new(Operation.StoredResponse, DialectId.OpenAIResponses, UpstreamOperation.Chat, RequestShapes.OpenAIResponses, false, "stored_response") { IsFree = true };

    public static readonly OperationSpec McpTool = new(Operation.McpTool, DialectId.OpenAIChat, UpstreamOperation.Chat, RequestShapes.OpenAIChat, false, "execute_tool") { IsFree = true };

    /// <summary>True when the body may be a form.</summary>
    public bool TakesForm { get; init; }

    /// <summary>True when the body may be JSON.</summary>
    public bool TakesJson { get; init; } = true;

    /// <summary>The model that is meant when none is named, or null when one must be.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>True when it costs nothing, neither money nor tokens.</summary>
    public bool IsFree { get; init; }

    /// <summary>Output tokens that are held for one choice at least.</summary>
    public int LeastOutputBound { get; init; }

    /// <summary>The caller's form of embeddings.</summary>
    public EmbeddingWire EmbeddingWire { get; init; } = EmbeddingWire.OpenAI;

    /// <summary>The caller's form of reranking.</summary>
    public RerankWire RerankWire { get; init; } = RerankWire.Common;
}
