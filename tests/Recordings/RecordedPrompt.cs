using System.Text.Json;
using Gateway.Dialects;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Sse;

namespace Gateway.Recordings;

/// <summary>A recorded chat whose provider told how many tokens the prompt had.</summary>
/// <param name="Provider">Who counted.</param>
/// <param name="Model">The model.</param>
/// <param name="Body">The request.</param>
/// <param name="Tokens">The prompt's tokens.</param>
/// <param name="Envelope">What the request says besides its text.</param>
public sealed record RecordedPrompt(string Provider, string Model, ReadOnlyMemory<byte> Body, long Tokens, RequestEnvelope Envelope)
{
    private static readonly string[] _notText = ["image", "inlineData", "inline_data", "input_file", "input_audio", "\"document\"", "file_id", "file_data", "previous_response_id", "web_search", "code_execution", "code_interpreter", "file_search", "googleSearch", "google_search", "mcp", "\"conversation\"", "cachedContent"];

    /// <summary>All whose prompts are text alone.</summary>
    public static IReadOnlyList<RecordedPrompt> All() =>
    [
        .. Corpus.All.Chats.Where(static r => !r.IsError && r.Request is { Body.Length: > 2 } && !Array.Exists(_notText, r.Request.BodyText.Contains))
            .Select(static r => TryUsage(r) is { Prompt: > 0 } usage ? new RecordedPrompt(r.Provider, ModelOf(r), r.Request!.Body, usage.Prompt, EnvelopeOf(r)) : null)
            .OfType<RecordedPrompt>(),
    ];

    private static TokenCounts? TryUsage(Recording recording)
    {
        var dialect = ChatDialects.Get(recording.DialectId!.Value);
        try
        {
            if (!recording.IsStream)
            {
                return dialect.TryReadAnswer(recording.ResponseBody.ToArray(), out var answer) ? answer.Usage : null;
            }

            var events = new List<ChatEvent>();
            var reader = dialect.CreateStreamReader();
            using IFrameReader frames = recording.ResponseContentType.StartsWith("text/", StringComparison.Ordinal) ? new SseFrameReader() : new EventStreamFrameReader();
            for (var rest = recording.ResponseBody; !rest.IsEmpty;)
            {
                var room = frames.GetMemory();
                var count = Math.Min(room.Length, rest.Length);
                rest[..count].CopyTo(room);
                frames.Advance(count);
                rest = rest[count..];
                while (frames.TryRead(out var frame))
                {
                    var opened = frames.Open(frame);
                    reader.Read(opened.EventName.Span, opened.Payload.Span, events);
                }
            }

            return events.Exists(static e => e.Kind == ChatEventKind.Usage) ? events.FindLast(static e => e.Kind == ChatEventKind.Usage).Usage : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RequestEnvelope EnvelopeOf(Recording recording)
    {
        var shape = recording.DialectId!.Value switch
        {
            DialectId.OpenAIResponses => RequestShapes.OpenAIResponses,
            DialectId.OpenAICompletions => RequestShapes.OpenAICompletions,
            DialectId.Anthropic => RequestShapes.Anthropic,
            DialectId.Gemini => RequestShapes.Gemini,
            DialectId.BedrockConverse => RequestShapes.Bedrock,
            DialectId.Cohere => RequestShapes.Cohere,
            _ => RequestShapes.OpenAIChat,
        };
        EnvelopeReader.Read(recording.Request!.Body.Span, shape, modelInPath: true, 512, out var envelope);
        return envelope;
    }

    private static string ModelOf(Recording recording)
    {
        using var body = JsonDocument.Parse(recording.Request!.Body);
        if (body.RootElement.TryGetProperty("model", out var model))
        {
            return model.GetString()!;
        }

        var parts = recording.Request.Path.Split('/', '?', ':');
        var at = Array.FindIndex(parts, static p => p is "models" or "model" or "deployments");
        return at >= 0 && at + 1 < parts.Length ? parts[at + 1] : "";
    }
}
