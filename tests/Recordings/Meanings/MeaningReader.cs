using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Recordings.Framing;

namespace Gateway.Recordings.Meanings;

/// <summary>Reads what an answer says.</summary>
public static class MeaningReader
{
    /// <summary>The meaning of a recording.</summary>
    public static Meaning Of(Recording recording) => Read(recording.DialectId!.Value, recording.IsStream, recording.Status, recording.ResponseBody);

    /// <summary>The meaning of an answer.</summary>
    /// <exception cref="JsonException">A part of it is not JSON.</exception>
    /// <exception cref="InvalidDataException">A binary stream is damaged.</exception>
    public static Meaning Read(DialectId dialect, bool isStream, int status, ReadOnlyMemory<byte> body)
    {
        if (status >= 400)
        {
            using var document = JsonDocument.Parse(body);
            return new Meaning { Error = ErrorOf(document.RootElement) ?? "(no message)" };
        }

        var draft = new MeaningDraft();
        var events = isStream ? Events(dialect, body) : [new StreamEvent("", Encoding.UTF8.GetString(body.Span))];
        IMeaningSource source = dialect switch
        {
            DialectId.OpenAIChat or DialectId.OpenAICompletions => new OpenAIMeaning(draft, isStream),
            DialectId.OpenAIResponses => new ResponsesMeaning(draft, isStream),
            DialectId.Anthropic => new AnthropicMeaning(draft, isStream),
            DialectId.Gemini => new GeminiMeaning(draft, isStream),
            DialectId.BedrockConverse => new ConverseMeaning(draft, isStream),
            DialectId.Cohere => new CohereMeaning(draft, isStream),
            _ => throw new ArgumentOutOfRangeException(nameof(dialect)),
        };
        foreach (var e in events)
        {
            if (e.Data.StartsWith("[DONE]", StringComparison.Ordinal))
            {
                source.Done();
                continue;
            }

            using var document = JsonDocument.Parse(e.Data);
            source.Read(e.Name, document.RootElement);
        }

        source.End();
        return draft.Finish();
    }

    internal static string? ErrorOf(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Array && answer.GetArrayLength() > 0)
        {
            answer = answer[0];
        }

        if (answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("error", out var error))
        {
            return error.ValueKind == JsonValueKind.String ? error.GetString() : error.ValueKind == JsonValueKind.Object ? error.Text("message") : null;
        }

        return answer.Text("message") ?? answer.Text("detail");
    }

    private static IEnumerable<StreamEvent> Events(DialectId dialect, ReadOnlyMemory<byte> body)
    {
        if (dialect == DialectId.BedrockConverse)
        {
            return EventStreamFraming.Read(body).Select(m => new StreamEvent(
                m.Headers.GetValueOrDefault(":message-type") == "exception" ? "exception:" + m.Headers.GetValueOrDefault(":exception-type") : m.Headers.GetValueOrDefault(":event-type") ?? "",
                Encoding.UTF8.GetString(m.Payload.Span)));
        }

        var text = Encoding.UTF8.GetString(body.Span);
        if (dialect == DialectId.Gemini && text.AsSpan().TrimStart().StartsWith("["))
        {
            using var array = JsonDocument.Parse(body);
            return [.. array.RootElement.EnumerateArray().Select(e => new StreamEvent("", e.GetRawText()))];
        }

        return Sse(text);
    }

    private static IEnumerable<StreamEvent> Sse(string text)
    {
        foreach (var block in text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var name = "";
            var data = new List<string>();
            foreach (var line in block.Split('\n'))
            {
                if (line.StartsWith("event:", StringComparison.Ordinal))
                {
                    name = line[6..].Trim();
                }
                else if (line.StartsWith("data:", StringComparison.Ordinal))
                {
                    data.Add(line[5..].TrimStart(' '));
                }
            }

            if (data.Count > 0)
            {
                yield return new StreamEvent(name, string.Join('\n', data));
            }
        }
    }

    private sealed record StreamEvent(string Name, string Data);
}

/// <summary>Reads the answer, or the events of a stream, of one dialect.</summary>
internal interface IMeaningSource
{
    void Read(string name, JsonElement json);

    void Done();

    void End();
}

/// <summary>Lenient ways to read JSON.</summary>
internal static class MeaningJson
{
    public static JsonElement? Get(this JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string? Text(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static long Long(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.Number } value ? (long)value.GetDouble() : 0;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];
}
