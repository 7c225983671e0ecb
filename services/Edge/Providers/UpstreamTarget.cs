using Gateway.Dialects.Chat;

namespace Gateway.Edge.Providers;

/// <summary>What is asked of a provider; together with a dialect and a model it decides over the address.</summary>
internal enum UpstreamOperation
{
    /// <summary>An answer of a language model, in the dialect that <see cref="UpstreamTarget.Dialect"/> names (chat, responses, messages, completions …).</summary>
    Chat,
    CountTokens,
    Embedding,
    Models,
    Moderation,
    Rerank,
    ImageGeneration,
    ImageEdit,
    ImageVariation,
    Speech,
    Transcription,
    Translation,
    Files,
    Batches,
    Realtime,
}

/// <summary>One request to a provider, as far as its address depends on it.</summary>
/// <param name="Operation">What is asked for.</param>
/// <param name="Dialect">The dialect spoken, one that the adapter named for the operation.</param>
/// <param name="Model">Model name as the provider knows it; empty where the operation has none.</param>
/// <param name="Stream">True when a stream is asked for.</param>
internal readonly record struct UpstreamTarget(UpstreamOperation Operation, DialectId Dialect, string Model, bool Stream)
{
    /// <summary>What follows the operation's path, for example <c>/resp_123/cancel</c>; empty or with its leading slash, and escaped where it must be.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>True when the caller asked for Anthropic's beta surface in the address (<c>?beta=true</c>).</summary>
    public bool Beta { get; init; }

    public static UpstreamTarget Chat(DialectId dialect, string model, bool stream) => new(UpstreamOperation.Chat, dialect, model, stream);

    public static UpstreamTarget Embedding(string model) => new(UpstreamOperation.Embedding, DialectId.OpenAIChat, model, false);
}

/// <summary>How the events of a provider's stream are told apart.</summary>
internal enum StreamFraming
{
    /// <summary><c>text/event-stream</c>.</summary>
    ServerSentEvents,

    /// <summary><c>application/vnd.amazon.eventstream</c>: binary messages with headers and checksums.</summary>
    EventStream,

    /// <summary>One JSON array whose elements arrive over time.</summary>
    JsonArray,

    /// <summary>One JSON object a line.</summary>
    JsonLines,
}
