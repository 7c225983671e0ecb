namespace Gateway.Recordings;

/// <summary>Which files are no recordings, and which recordings cannot be checked, each with its reason.</summary>
internal static class CorpusExclusions
{
    public static string? NotARecording(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name switch
        {
            "LICENSE" => "licence",
            "README.md" => "documentation of the corpus",
            "exit.cmd" => "a program of an MCP test",
            _ when Path.GetExtension(name) is ".png" or ".mp4" or ".wav" or ".pdf" or ".md" => "an input that tests send, no answer",
            "test-text.txt" => "an input that tests send, no answer",
            "subagent-step-stream.json" => "messages between a command line tool and its harness, no HTTP answer",
            _ => null,
        };
    }

    public static string? OfRecording(Recording recording) => recording switch
    {
        { Provider: "ollama" } => "Ollama's own format; the gateway speaks OpenAI's to Ollama",
        _ when recording.Id.Contains("/interactions/", StringComparison.Ordinal) => "Gemini's interactions API, which the gateway passes through unread",
        _ when recording.Id.Contains("speech-translation", StringComparison.Ordinal) => "events of a WebSocket session, no HTTP answer",
        _ when recording.Id.Contains("parallel-tool-call-wrapper.1.chunks", StringComparison.Ordinal) => "written by hand with its first and last event lacking a brace: not JSON",
        { Source: "prism-php" } when recording.ResponseBody.Span.StartsWith("fake-"u8) => "a placeholder for audio",
        _ => null,
    };
}
