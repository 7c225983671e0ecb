using System.Buffers;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Responses;
using Gateway.Dialects.Tests.Pairs;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Responses;

/// <summary>Every recorded request, read and written again, asks for the same.</summary>
public sealed class RecordedRequestsTests(ITestOutputHelper output)
{
    [Fact]
    public void Requests_are_read_and_written_again_with_the_same_meaning()
    {
        Assert.SkipUnless(Corpus.IsPresent, "The recordings are not on this machine.");
        var failures = new List<string>();
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var recording in Corpus.All.Chats.Where(static r => r.DialectId == DialectId.OpenAIResponses && r.Request is { Method: "POST", Body.Length: > 0 }))
        {
            var body = JsonNode.Parse(recording.Request!.Body.Span)!.AsObject();
            var excluded = body.ContainsKey("model") ? "" : " left out: the model is named by a stored prompt";
            var kind = recording.Source + excluded;
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            if (excluded.Length == 0 && Judge(recording.Request.Body, body) is { } failure)
            {
                failures.Add($"{recording.Id}: {failure}");
            }
        }

        foreach (var (kind, count) in counts)
        {
            output.WriteLine($"{count,4} {kind}");
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(30)));
        Assert.True(counts.Values.Sum() > 150);
    }

    private static string? Judge(ReadOnlyMemory<byte> body, JsonObject original)
    {
        if (ResponsesDialect.Instance.ReadRequest(body, default, out var request) is { } problem)
        {
            return problem.Message;
        }

        var buffer = new ArrayBufferWriter<byte>();
        var drops = new DropList();
        if (ResponsesDialect.Instance.WriteRequest(request, new RequestTarget { Model = request.Model, Provider = "compatible" }, buffer, drops) is { } refused)
        {
            return refused.Message;
        }

        var written = JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
        var expected = Normalise(original).ToJsonString();
        var actual = Normalise(written).ToJsonString();
        return drops.Names.Count > 0 ? "dropped " + string.Join(", ", drops.Names) : expected == actual ? null : $"\n  expected {expected}\n  got      {actual}";
    }

    /// <summary>One form for requests of the same meaning.</summary>
    private static JsonNode Normalise(JsonObject body)
    {
        var request = body.DeepClone().AsObject();
        // What is not said, and what is said but is the default. Nothing that is translated is stored, and its reasoning is always asked for.
        foreach (var name in (string[])["store", "stream_options"])
        {
            request.Remove(name);
        }

        RemoveWhere(request, "stream", "false");
        RemoveWhere(request, "truncation", "\"disabled\"");
        if (request["include"] is JsonArray include && include.Select(static n => n!.GetValue<string>()).Where(static n => n != "reasoning.encrypted_content").ToList() is var others)
        {
            request["include"] = new JsonArray([.. others.Select(static n => (JsonNode)n)]);
            RemoveWhere(request, "include", "[]");
        }

        if (request["input"] is JsonValue text)
        {
            request["input"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text.DeepClone() });
        }

        var items = request["input"]?.AsArray() ?? [];
        foreach (var item in items)
        {
            NormaliseItem(item!.AsObject());
        }

        if (request["instructions"] is null && items.Count > 0 && items[0]!["role"]?.GetValue<string>() == "system" && items[0]!["content"] is JsonValue system)
        {
            request["instructions"] = system.DeepClone();
            items.RemoveAt(0);
        }

        foreach (var tool in request["tools"] as JsonArray ?? [])
        {
            RemoveWhere(tool!.AsObject(), "strict", "null");
        }

        return AnswerDigest.Sort(request)!;
    }

    private static void NormaliseItem(JsonObject item)
    {
        RemoveWhere(item, "type", "\"message\"");
        if (item["content"] is JsonArray { Count: 1 } contents && contents[0]!["type"]?.GetValue<string>() is "input_text")
        {
            item["content"] = contents[0]!["text"]!.DeepClone();
        }

        // The status and id of what was answered before say nothing to the model.
        if (item["type"]?.GetValue<string>() is null or "function_call" or "function_call_output")
        {
            item.Remove("status");
            item.Remove("id");
        }

        foreach (var content in item["content"] as JsonArray ?? [])
        {
            RemoveWhere(content!.AsObject(), "detail", "\"auto\"");
            RemoveWhere(content!.AsObject(), "annotations", "[]");
        }
    }

    private static void RemoveWhere(JsonObject at, string name, string json)
    {
        if (at.TryGetPropertyValue(name, out var value) && (value?.ToJsonString() ?? "null") == json)
        {
            at.Remove(name);
        }
    }
}
