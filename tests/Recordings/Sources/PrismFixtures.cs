using System.Text;
using System.Text.Json;
using Gateway.Recordings.Framing;

namespace Gateway.Recordings.Sources;

/// <summary>prism-php: response bodies only, named after the test; streams with either extension.</summary>
internal static class PrismFixtures
{
    public static IEnumerable<Recording> Read(string path, byte[] bytes)
    {
        // prism-php/tests/Fixtures/{provider}/{test}-{n}.{json|sse}
        var parts = path.Split('/');
        var (provider, name) = (parts[3], parts[^1]);
        var text = Encoding.UTF8.GetString(bytes);
        var start = text.AsSpan().TrimStart();
        var recording = new Recording { Id = path + "#0", Source = "prism-php", Provider = provider, Operation = Operation.Other, ResponseBody = bytes, ResponseContentType = "application/json" };
        if (start.StartsWith("data:") || start.StartsWith("event:") || start.StartsWith(": "))
        {
            using var first = JsonDocument.Parse(SseFraming.FirstData(text)!);
            yield return recording with { Operation = Classification.OfShape(first.RootElement) ?? Operation.Other, ResponseContentType = "text/event-stream", ResponseBody = SseFraming.Repair(bytes) };
        }
        else if (provider == "ollama")
        {
            yield return recording with { Operation = name.StartsWith("embeddings", StringComparison.Ordinal) ? Operation.Embeddings : Operation.Other, ResponseContentType = name.EndsWith(".sse", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json" };
        }
        else if (!start.StartsWith("{"))
        {
            var isAudio = !name.StartsWith("audio-from", StringComparison.Ordinal);
            yield return recording with { Operation = Operation.Audio, ResponseContentType = isAudio ? "audio/mpeg" : name.Contains("vtt", StringComparison.Ordinal) ? "text/vtt" : "text/plain" };
        }
        else
        {
            using var document = JsonDocument.Parse(bytes);
            yield return recording with { Operation = Classification.OfShape(document.RootElement) ?? (IsAudio(name) ? Operation.Audio : Operation.Other), Status = Classification.StatusOf(document.RootElement) };
        }
    }

    private static bool IsAudio(string name) => name.StartsWith("speech-to-text", StringComparison.Ordinal) || name.StartsWith("audio-from", StringComparison.Ordinal);
}
