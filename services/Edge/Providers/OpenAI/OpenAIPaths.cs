using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers.OpenAI;

/// <summary>Paths of OpenAI's HTTP dialect, below the version segment.</summary>
internal static class OpenAIPaths
{
    public static readonly string[] All =
    [
        "/chat/completions", "/completions", "/responses", "/responses/input_tokens", "/embeddings", "/models", "/moderations", "/rerank",
        "/images/generations", "/images/edits", "/images/variations",
        "/audio/speech", "/audio/transcriptions", "/audio/translations", "/files", "/batches", "/realtime",
    ];

    /// <summary>The path of an operation, or null when the dialect has none.</summary>
    public static string? Of(in UpstreamTarget target) => target.Operation switch
    {
        UpstreamOperation.Chat => target.Dialect switch
        {
            DialectId.OpenAIChat => "/chat/completions",
            DialectId.OpenAIResponses => "/responses",
            DialectId.OpenAICompletions => "/completions",
            _ => null,
        },
        UpstreamOperation.CountTokens => target.Dialect == DialectId.OpenAIResponses ? "/responses/input_tokens" : null,
        UpstreamOperation.Embedding => target.Dialect == DialectId.OpenAIChat ? "/embeddings" : null,
        UpstreamOperation.Models => "/models",
        UpstreamOperation.Moderation => "/moderations",
        UpstreamOperation.Rerank => "/rerank",
        UpstreamOperation.ImageGeneration => "/images/generations",
        UpstreamOperation.ImageEdit => "/images/edits",
        UpstreamOperation.ImageVariation => "/images/variations",
        UpstreamOperation.Speech => "/audio/speech",
        UpstreamOperation.Transcription => "/audio/transcriptions",
        UpstreamOperation.Translation => "/audio/translations",
        UpstreamOperation.Files => "/files",
        UpstreamOperation.Batches => "/batches",
        UpstreamOperation.Realtime => "/realtime",
        _ => null,
    };
}
