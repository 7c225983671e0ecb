using System.Text;
using System.Text.Json;

namespace Gateway.Recordings.Framing;

/// <summary>Adds what a corpus left out between the payloads of a stream.</summary>
internal static class SseFraming
{
    /// <summary>Payloads, one a line, as the named kind of stream sends them.</summary>
    public static byte[] Frame(IReadOnlyCollection<string> payloads, Operation operation)
    {
        var named = operation is Operation.Messages or Operation.Responses or Operation.CohereChat;
        var text = new StringBuilder();
        foreach (var payload in payloads)
        {
            if (named && TypeOf(payload) is { } type)
            {
                _ = text.Append("event: ").Append(type).Append('\n');
            }

            _ = text.Append("data: ").Append(payload).Append("\n\n");
        }

        // Perplexity ends its streams with a last chunk that says so, and sends no [DONE].
        if (operation is Operation.Chat or Operation.Completions && !payloads.Last().Contains("\"chat.completion.done\"", StringComparison.Ordinal))
        {
            _ = text.Append("data: [DONE]\n\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>
    /// Puts back blank lines that a corpus stripped: in <c>data: {…}\ndata: {…}</c> each line is an event of its own, which the format
    /// would read as one event of two lines. Text with any blank line between events is left as it is.
    /// </summary>
    public static ReadOnlyMemory<byte> Repair(ReadOnlyMemory<byte> body)
    {
        var text = Encoding.UTF8.GetString(body.Span);
        var lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (lines.Length < 2 || lines.Any(string.IsNullOrEmpty) || lines.Count(l => l.StartsWith("data:", StringComparison.Ordinal)) < 2)
        {
            // A stream ends with a blank line; files often lost it, and then the last event would not count.
            return text.EndsWith("\n\n", StringComparison.Ordinal) || text.EndsWith("\r\n\r\n", StringComparison.Ordinal) ? body : Encoding.UTF8.GetBytes(text.TrimEnd('\n', '\r') + "\n\n");
        }

        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + (l.StartsWith("event:", StringComparison.Ordinal) ? "\n" : "\n\n"))));
    }

    /// <summary>The first payload of a stream; null when there is none.</summary>
    public static string? FirstData(string text)
        => text.Split('\n').Select(l => l.TrimEnd('\r')).FirstOrDefault(l => l.StartsWith("data:", StringComparison.Ordinal) && l.Contains('{', StringComparison.Ordinal))?[5..].Trim();

    private static string? TypeOf(string payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.TryGetProperty("type", out var type) ? type.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
