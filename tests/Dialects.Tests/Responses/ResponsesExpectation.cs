using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Tests.Pairs;
using Gateway.Recordings;

namespace Gateway.Dialects.Tests.Responses;

/// <summary>What a recorded answer says, found without the product's code. Streams are judged by their items' last versions.</summary>
internal static class ResponsesExpectation
{
    /// <summary>Why nothing can be expected of a recording; null for those that are used.</summary>
    public static string? Excluded(Recording recording)
    {
        if (recording.IsError)
        {
            return "an error answer";
        }

        if (recording.Id.Contains("openai-shell-container.1.chunks", StringComparison.Ordinal))
        {
            return "edited by hand: its deltas and its items have other texts";
        }

        if (recording.IsStream)
        {
            return null;
        }

        return Parse(recording.BodyText)?["status"]?.GetValue<string>() is "queued" or "in_progress" or "cancelled" ? "background work that had not ended: no answer yet" : null;
    }

    /// <summary>The streams of a recording: some files hold those of several turns, one after the other.</summary>
    public static IEnumerable<string> Streams(string body)
    {
        var text = body.ReplaceLineEndings("\n");
        var starts = new List<int>();
        for (var at = text.IndexOf("event: response.created\n", StringComparison.Ordinal); at >= 0; at = text.IndexOf("event: response.created\n", at + 1, StringComparison.Ordinal))
        {
            starts.Add(at);
        }

        return starts.Count < 2 ? [body] : starts.Select((start, i) => text[start..(i + 1 < starts.Count ? starts[i + 1] : text.Length)]);
    }

    public static AnswerDigest OfPlain(string body) => OfResponse(Parse(body)!.AsObject(), null);

    /// <summary>Null for a stream that ends with an error.</summary>
    public static AnswerDigest? OfStream(string body)
    {
        var items = new SortedDictionary<int, JsonNode>();
        var deltas = "";
        JsonObject? last = null;
        foreach (var line in body.ReplaceLineEndings("\n").Split('\n').Where(static l => l.StartsWith("data:", StringComparison.Ordinal)))
        {
            if (Parse(line["data:".Length..]) is not JsonObject e)
            {
                continue;
            }

            switch (e["type"]?.GetValue<string>())
            {
                case "response.output_item.done":
                    items[e["output_index"]?.GetValue<int>() ?? items.Count] = e["item"]!;
                    break;
                case "response.output_text.delta":
                    deltas += e["delta"]!.GetValue<string>();
                    break;
                case "response.completed" or "response.incomplete":
                    last = e["response"]!.AsObject();
                    break;
                case "response.failed" or "error":
                    return null;
            }
        }

        Assert.NotNull(last);
        var digest = OfResponse(last, items.Count > 0 ? [.. items.Values] : null);
        if (deltas.Length > 0 && !digest.Text.StartsWith(deltas, StringComparison.Ordinal) && !IsAbridged(deltas, digest.Text))
        {
            throw new InvalidOperationException("The recording contradicts itself: its deltas and items have other texts.");
        }

        return digest;
    }

    private static AnswerDigest OfResponse(JsonObject response, List<JsonNode>? items)
    {
        items ??= [.. response["output"]!.AsArray().Select(static i => i!)];
        var tools = (response["tools"] as JsonArray)?.Select(static t => Word(t, "type")).ToList() ?? [];
        var calls = items.Where(i => Word(i, "type") == "function_call" || (Word(i, "type") == "custom_tool_call" && !tools.Contains("x_search"))).ToList();
        var contents = items.Where(static i => Word(i, "type") == "message").SelectMany(static i => i["content"]!.AsArray()).ToList();
        var refusal = string.Concat(contents.Select(static c => Word(c, "refusal")));
        return new AnswerDigest
        {
            Text = string.Concat(contents.Select(static c => Word(c, "text"))),
            Refusal = refusal,
            Reasoning = string.Concat(items.Where(static i => Word(i, "type") == "reasoning").Select(Reasoning)),
            Calls = [.. calls.Select(static c => AnswerDigest.Call(Word(c, "name")!, Word(c, "arguments") ?? Word(c, "input")!, Word(c, "type") == "custom_tool_call"))],
            Finish = Word(response, "status") == "incomplete" ? FinishReason.Length
                : calls.Count > 0 ? FinishReason.ToolCalls : refusal.Length > 0 ? FinishReason.Refusal : FinishReason.Stop,
            Usage = Usage(response["usage"] as JsonObject),
        };
    }

    /// <summary>True when the deltas are pieces of the text, in order: some files keep only the first ones of each message.</summary>
    private static bool IsAbridged(string deltas, string text)
    {
        var at = 0;
        return deltas.All(c => (at = text.IndexOf(c, at) + 1) > 0);
    }

    private static string Reasoning(JsonNode item)
    {
        var paragraphs = (item["content"] as JsonArray) is { Count: > 0 } content ? content : item["summary"] as JsonArray;
        return string.Join("\n\n", paragraphs?.Select(static p => Word(p, "text")) ?? []);
    }

    private static TokenCounts? Usage(JsonObject? usage)
    {
        if (usage is null)
        {
            return null;
        }

        var cached = Number(usage["input_tokens_details"], "cached_tokens");
        var written = Number(usage["input_tokens_details"], "cache_write_tokens");
        var reasoning = Number(usage["output_tokens_details"], "reasoning_tokens");
        return new TokenCounts
        {
            Input = Number(usage, "input_tokens") - cached - written, CacheRead = cached, CacheWrite = written,
            Output = Number(usage, "output_tokens") - reasoning, Reasoning = reasoning,
        };
    }

    private static long Number(JsonNode? node, string name) => node?[name]?.GetValue<long>() ?? 0;

    private static string? Word(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<string>(out var word) ? word : null;

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
