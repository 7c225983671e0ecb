using Gateway.Dialects.Chat;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Recorded;

/// <summary>Recorded answers that a dialect cannot say in full, each with the reason.</summary>
internal static class KnownLosses
{
    /// <summary>Why a recording is not held against a caller's dialect; null when it is.</summary>
    public static string? Of(Recording recording, DialectId caller) => recording.Id switch
    {
        _ when Has(recording, "spliced-message-start") => "two messages spliced into one stream, the first of them broken off: there is no one meaning to keep",
        _ when Has(recording, "xai-x-search-tool") => "xAI reports its own searches as calls of custom tools; they are not the caller's to answer",
        _ when Has(recording, "openai-shell-container.1.chunks") => "its deltas were thinned out by hand and do not make up the text that its end repeats",
        _ when Has(recording, "ChatWithBasicAudioOutput") && caller == DialectId.Cohere => "Cohere's streams have no place for audio or its transcript",
        _ when caller == DialectId.OpenAICompletions && (Has(recording, "ChatWithBasicAudioOutput") || Has(recording, "chat-text-to-audio")) => "completions hold text alone",
        _ => null,
    };

    private static bool Has(Recording recording, string name) => recording.Id.Contains(name, StringComparison.Ordinal);
}
