using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Http.Inbound;

/// <summary>
/// Every address of the public API. To add one: a row here; for an inference also an <see cref="OperationSpec"/> (with the shape of its envelope), for anything else an
/// <see cref="InboundEndpoint"/> and the <see cref="IInboundHandler"/> that serves it. The mounts follow by themselves. The first inference row
/// that matches wins; among others the caller's headers decide between families.
/// </summary>
internal static class InboundTable
{
    public static readonly InboundRow[] Rows =
    [
        new(ApiFamily.OpenAI, ApiVersions.V1, "/chat/completions", OperationSpec.Chat),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/completions", OperationSpec.Completion),
        new(ApiFamily.Anthropic, ApiVersions.V1, "/messages", OperationSpec.Messages),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/responses", OperationSpec.Responses),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/embeddings", OperationSpec.Embedding),
        new(ApiFamily.OpenAI | ApiFamily.Cohere, ApiVersions.V1, "/rerank", OperationSpec.Rerank),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/moderations", OperationSpec.Moderation),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/images/generations", OperationSpec.Images),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/images/edits", OperationSpec.ImageEdits),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/images/variations", OperationSpec.ImageVariations),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/audio/speech", OperationSpec.Speech),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/audio/transcriptions", OperationSpec.Transcription),
        new(ApiFamily.OpenAI, ApiVersions.V1, "/audio/translations", OperationSpec.AudioTranslation),
        new(ApiFamily.Anthropic, ApiVersions.V1, "/messages/count_tokens", OperationSpec.CountTokens),
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/models/{model}:generateContent", OperationSpec.GenerateContent),
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/models/{model}:streamGenerateContent", OperationSpec.StreamGenerateContent),
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/models/{model}:countTokens", OperationSpec.GeminiCountTokens),
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/models/{model}:embedContent", OperationSpec.GeminiEmbed),
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/models/{model}:batchEmbedContents", OperationSpec.GeminiBatchEmbed),
        // Vertex AI: project, region and publisher stand before the model, and mean nothing here.
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/projects/{model}:generateContent", OperationSpec.GenerateContent) { NameAfter = "/models/" },
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/projects/{model}:streamGenerateContent", OperationSpec.StreamGenerateContent) { NameAfter = "/models/" },
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, "/projects/{model}:countTokens", OperationSpec.GeminiCountTokens) { NameAfter = "/models/" },
        new(ApiFamily.Bedrock, ApiVersions.Bare, "/model/{model}/converse", OperationSpec.Converse),
        new(ApiFamily.Bedrock, ApiVersions.Bare, "/model/{model}/converse-stream", OperationSpec.ConverseStream),
        new(ApiFamily.Cohere, ApiVersions.V2, "/chat", OperationSpec.CohereChat),
        new(ApiFamily.Cohere, ApiVersions.V2, "/embed", OperationSpec.CohereEmbed),
        new(ApiFamily.Cohere, ApiVersions.V2, "/rerank", OperationSpec.CohereRerank),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/models", InboundEndpoint.ModelList),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/models/{id}", InboundEndpoint.Model),
        new(ApiFamily.Anthropic, ApiVersions.V1, HttpMethods.Get, "/models", InboundEndpoint.ModelList),
        new(ApiFamily.Anthropic, ApiVersions.V1, HttpMethods.Get, "/models/{id}", InboundEndpoint.Model),
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, HttpMethods.Get, "/models", InboundEndpoint.ModelList),
        new(ApiFamily.Gemini, ApiVersions.V1 | ApiVersions.V1Beta, HttpMethods.Get, "/models/{id}", InboundEndpoint.Model),

        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/realtime", InboundEndpoint.Realtime),

        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Post, "/files", InboundEndpoint.Files),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/files", InboundEndpoint.Files),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/files/{id}/content", InboundEndpoint.FileContent),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/files/{id}", InboundEndpoint.File),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Delete, "/files/{id}", InboundEndpoint.File),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Post, "/batches", InboundEndpoint.Batches),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/batches", InboundEndpoint.Batches),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Post, "/batches/{id}/cancel", InboundEndpoint.BatchCancel),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/batches/{id}", InboundEndpoint.Batch),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/responses/{id}/input_items", InboundEndpoint.StoredResponse),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Get, "/responses/{id}", InboundEndpoint.StoredResponse),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Delete, "/responses/{id}", InboundEndpoint.StoredResponse),
        new(ApiFamily.OpenAI, ApiVersions.V1, HttpMethods.Post, "/responses/{id}/cancel", InboundEndpoint.StoredResponse),

        // Azure: the deployment in the address is the model.
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/chat/completions", OperationSpec.Chat),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/completions", OperationSpec.Completion),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/embeddings", OperationSpec.Embedding),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/images/generations", OperationSpec.Images),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/images/edits", OperationSpec.ImageEdits),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/images/variations", OperationSpec.ImageVariations),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/audio/speech", OperationSpec.Speech),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/audio/transcriptions", OperationSpec.Transcription),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/audio/translations", OperationSpec.AudioTranslation),
        new(ApiFamily.OpenAI, ApiVersions.Mounted, "/deployments/{model}/responses", OperationSpec.Responses),
    ];

    /// <summary>Paths under which addresses are served once more, so that an SDK needs another base URL and nothing else.</summary>
    public static readonly (string Name, ApiFamily Families)[] Mounts =
    [
        ("openai", ApiFamily.OpenAI),
        ("anthropic", ApiFamily.Anthropic),
        ("genai", ApiFamily.Gemini),
        ("bedrock", ApiFamily.Bedrock),
        ("cohere", ApiFamily.Cohere),
        ("litellm", ApiFamily.All),
        ("langchain", ApiFamily.All),
        ("pydanticai", ApiFamily.All),
    ];
}
