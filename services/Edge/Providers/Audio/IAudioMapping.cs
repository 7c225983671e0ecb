namespace Gateway.Edge.Providers.Audio;

/// <summary>Turns OpenAI's audio requests into those of a provider with a form of its own. Pure: no I/O.</summary>
internal interface IAudioMapping
{
    /// <summary>The provider's request for speech.</summary>
    /// <returns>Null when the request cannot be expressed; <paramref name="problem"/> then says why, in words for the caller.</returns>
    AudioCall? MapSpeech(SpeechRequest request, out string problem);

    /// <summary>The provider's request for a transcription.</summary>
    AudioCall? MapTranscription(TranscriptionRequest request, out string problem);

    /// <summary>Reads the provider's transcription.</summary>
    /// <returns>Null when the bytes are no such answer.</returns>
    Transcript? ReadTranscript(ReadOnlyMemory<byte> body);
}

/// <summary>A call made of an audio request.</summary>
/// <param name="Target">What is asked for; its suffix has the path and the query that the request needs.</param>
/// <param name="Content">The content, its type set.</param>
internal sealed record AudioCall(UpstreamTarget Target, HttpContent Content);

/// <summary>OpenAI's request for speech.</summary>
internal sealed record SpeechRequest
{
    /// <summary>Model name as the provider knows it.</summary>
    public required string Model { get; init; }

    public required string Input { get; init; }

    public required string Voice { get; init; }

    /// <summary><c>mp3</c>, <c>opus</c>, <c>aac</c>, <c>flac</c>, <c>wav</c> or <c>pcm</c>.</summary>
    public string Format { get; init; } = "mp3";

    /// <summary>0.25 to 4; 1 is the voice's own.</summary>
    public double? Speed { get; init; }
}

/// <summary>OpenAI's request for a transcription.</summary>
internal sealed record TranscriptionRequest
{
    /// <summary>Model name as the provider knows it.</summary>
    public required string Model { get; init; }

    public required ReadOnlyMemory<byte> Audio { get; init; }

    public string FileName { get; init; } = "audio";

    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>ISO 639 code, or null to have it recognised.</summary>
    public string? Language { get; init; }

    public double? Temperature { get; init; }
}

/// <summary>What was said.</summary>
internal sealed record Transcript(string Text, string? Language, double? Seconds, IReadOnlyList<TranscriptWord> Words);

/// <summary>One word with its place in seconds.</summary>
internal readonly record struct TranscriptWord(string Text, double Start, double End);
