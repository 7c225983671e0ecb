using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Recordings.Framing;

namespace Gateway.Recordings.Sources;

/// <summary>vercel-ai: answers only; streams are payloads, one a line, without framing.</summary>
internal static class VercelFixtures
{
    public static IEnumerable<Recording> Read(string path, byte[] bytes)
    {
        // vercel-ai/packages/{provider}/src/…
        var provider = path.Split('/')[2];
        if (path.EndsWith(".chunks.txt", StringComparison.Ordinal))
        {
            var payloads = Encoding.UTF8.GetString(bytes).Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0).ToList();
            var operation = Operation(path, payloads[0]);
            var binary = operation == Recordings.Operation.Converse;
            var number = 0;
            foreach (var answer in Answers(payloads))
            {
                yield return Make(path, provider, operation, binary ? Converse(answer) : SseFraming.Frame(answer, operation), binary ? "application/vnd.amazon.eventstream" : "text/event-stream", number++);
            }
        }
        else if (path.EndsWith(".sse", StringComparison.Ordinal))
        {
            yield return Make(path, provider, Operation(path, SseFraming.FirstData(Encoding.UTF8.GetString(bytes))!), SseFraming.Repair(bytes), "text/event-stream");
        }
        else
        {
            using var document = JsonDocument.Parse(bytes);
            yield return Make(path, provider, Operation(path, Encoding.UTF8.GetString(bytes)), bytes, "application/json") with { Status = Classification.StatusOf(document.RootElement) };
        }
    }

    private static Recording Make(string path, string provider, Operation operation, ReadOnlyMemory<byte> body, string type, int number = 0)
        => new() { Id = path + "#" + number.ToString(CultureInfo.InvariantCulture), Source = "vercel-ai", Provider = provider, Operation = operation, ResponseBody = body, ResponseContentType = type };

    /// <summary>Some files hold the answers of several requests of one loop, one after the other.</summary>
    private static IEnumerable<List<string>> Answers(List<string> payloads)
    {
        var answer = new List<string>();
        foreach (var payload in payloads)
        {
            var starts = payload.StartsWith("{\"type\":\"message_start\"", StringComparison.Ordinal) || payload.StartsWith("{\"type\":\"response.created\"", StringComparison.Ordinal);
            if (starts && answer.Exists(p => p.StartsWith("{\"type\":\"message_stop\"", StringComparison.Ordinal) || p.StartsWith("{\"type\":\"response.completed\"", StringComparison.Ordinal)))
            {
                yield return answer;
                answer = [];
            }

            answer.Add(payload);
        }

        yield return answer;
    }

    private static Operation Operation(string path, string json)
    {
        return Shape(json) ?? path switch
        {
            _ when path.Contains("/chat/", StringComparison.Ordinal) => Recordings.Operation.Chat,
            // A stream of responses whose first events are a provider's own.
            _ when path.Contains("/responses/", StringComparison.Ordinal) => Recordings.Operation.Responses,
            _ when path.Contains("/image/", StringComparison.Ordinal) => Recordings.Operation.Image,
            _ when path.Contains("google-429", StringComparison.Ordinal) => Recordings.Operation.GenerateContent,
            _ when path.Contains("transcri", StringComparison.Ordinal) || path.Contains("/gladia/", StringComparison.Ordinal) || path.Contains("/revai/", StringComparison.Ordinal) => Recordings.Operation.Audio,
            _ => Recordings.Operation.Other,
        };
    }

    private static Operation? Shape(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Classification.OfShape(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Converse(IEnumerable<string> payloads)
    {
        using var stream = new MemoryStream();
        foreach (var payload in payloads)
        {
            using var document = JsonDocument.Parse(payload);
            var named = document.RootElement.EnumerateObject().First();
            stream.Write(EventStreamFraming.Event(named.Name, Encoding.UTF8.GetBytes(named.Value.GetRawText())));
        }

        return stream.ToArray();
    }
}
