using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Sse;

namespace Gateway.Dialects.Tests.Anthropic;

/// <summary>What an answer says, taken from its wire form without the code under test, and from the neutral form for comparison.</summary>
internal sealed class AnthropicSummary
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _thinking = new();
    private readonly List<string> _others = [];
    private string? _finish;
    private string? _stopSequence;
    private long _input;
    private long _cacheRead;
    private long _cacheWrite;
    private long _output;

    public static AnthropicSummary OfMessage(byte[] body)
    {
        var summary = new AnthropicSummary();
        var message = JsonNode.Parse(body)!;
        foreach (var block in message["content"]!.AsArray())
        {
            summary.AddBlock(block!.AsObject());
        }

        summary._finish = (string?)message["stop_reason"];
        summary._stopSequence = (string?)message["stop_sequence"];
        summary.AddUsage(message["usage"]);
        return summary;
    }

    public static AnthropicSummary OfStream(byte[] sse)
    {
        var summary = new AnthropicSummary();
        JsonObject? block = null;
        var json = new StringBuilder();
        foreach (var payload in Payloads(sse, [int.MaxValue]))
        {
            var e = JsonNode.Parse(payload)!;
            switch ((string?)e["type"])
            {
                case "message_start":
                    summary.AddUsage(e["message"]!["usage"]);
                    summary._finish = (string?)e["message"]!["stop_reason"];
                    foreach (var whole in e["message"]!["content"]!.AsArray())
                    {
                        summary.AddBlock(whole!.AsObject());
                    }

                    break;
                case "content_block_start":
                    block = e["content_block"]!.DeepClone().AsObject();
                    json.Clear();
                    break;
                case "content_block_delta":
                    AddDelta(block!, json, e["delta"]!.AsObject());
                    break;
                case "content_block_stop":
                    if (json.Length > 0)
                    {
                        block!["input"] = Parse(json.ToString());
                    }

                    summary.AddBlock(block!);
                    block = null;
                    break;
                case "message_stop" when block is not null:
                    block["input"] = Parse(json.ToString());
                    summary.AddBlock(block);
                    break;
                case "message_delta":
                    summary._finish = (string?)e["delta"]!["stop_reason"] ?? summary._finish;
                    summary._stopSequence = (string?)e["delta"]!["stop_sequence"] ?? summary._stopSequence;
                    summary.AddUsage(e["usage"]);
                    break;
            }
        }

        return summary;
    }

    public static AnthropicSummary Of(ChatAnswer answer)
    {
        var summary = new AnthropicSummary();
        var choice = Assert.Single(answer.Choices);
        foreach (var part in choice.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    summary._text.Append(text.Text);
                    summary._others.AddRange(text.Citations.Select(static c => "citation " + c.Raw!.Value.GetProperty("type").GetString() + " " + c.CitedText));
                    break;
                case ReasoningPart thought:
                    summary._thinking.Append(thought.Text).Append('|').Append(thought.Signature?.Value ?? thought.Encrypted?.Value);
                    break;
                case ToolCallPart call:
                    summary._others.Add($"call {call.Id} {call.Name} {Canonical(Parse(call.Arguments.Length == 0 ? "{}" : call.Arguments))}");
                    break;
                case OpaquePart opaque:
                    summary._others.Add($"block {Canonical(JsonNode.Parse(opaque.Raw.GetRawText()))}");
                    break;
            }
        }

        summary._finish = choice.FinishDetail;
        summary._stopSequence = choice.StopSequence;
        var usage = answer.Usage ?? default;
        (summary._input, summary._cacheRead, summary._cacheWrite, summary._output) = (usage.Input, usage.CacheRead, usage.CacheWrite, usage.Output + usage.Reasoning);
        return summary;
    }

    /// <summary>Payloads of a stream that arrives in pieces of the given sizes.</summary>
    public static IEnumerable<byte[]> Payloads(byte[] sse, IReadOnlyList<int> sizes)
    {
        using var reader = new SseFrameReader();
        // A recording may lack its last empty line.
        byte[] stream = [.. sse, .. "\n\n"u8];
        var turn = 0;
        for (var at = 0; at < stream.Length;)
        {
            var memory = reader.GetMemory();
            var size = Math.Min(Math.Min(sizes[turn++ % sizes.Count], stream.Length - at), memory.Length);
            stream.AsSpan(at, size).CopyTo(memory.Span);
            reader.Advance(size);
            at += size;
            while (reader.TryRead(out var frame))
            {
                if (SseData.Find(frame) is { IsEmpty: false } payload)
                {
                    yield return payload.ToArray();
                }
            }
        }
    }

    /// <summary>JSON with its members in order of their names.</summary>
    public static string Canonical(JsonNode? node) => node switch
    {
        JsonObject o => "{" + string.Join(",", o.OrderBy(static p => p.Key, StringComparer.Ordinal).Select(static p => JsonSerializer.Serialize(p.Key) + ":" + Canonical(p.Value))) + "}",
        JsonArray a => "[" + string.Join(",", a.Select(Canonical)) + "]",
        null => "null",
        JsonValue v when v.TryGetValue<double>(out var number) => number.ToString("R", null),
        _ => node.ToJsonString(),
    };

    public override string ToString() =>
        $"text: {_text}\nthinking: {_thinking}\nothers: {string.Join('\n', _others)}\nfinish: {_finish} {_stopSequence}\nusage: {_input}+{_cacheRead}+{_cacheWrite} -> {_output}";

    /// <summary>The JSON, or the text itself where the model was cut off within it.</summary>
    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return json;
        }
    }

    private static void AddDelta(JsonObject block, StringBuilder json, JsonObject delta)
    {
        switch ((string?)delta["type"])
        {
            case "text_delta":
                block["text"] = (string?)block["text"] + (string?)delta["text"];
                break;
            case "thinking_delta":
                block["thinking"] = (string?)block["thinking"] + (string?)delta["thinking"];
                break;
            case "signature_delta":
                block["signature"] = (string?)delta["signature"];
                break;
            case "input_json_delta":
                json.Append((string?)delta["partial_json"]);
                break;
            case "citations_delta":
                var citations = block["citations"] as JsonArray ?? [];
                citations.Add(delta["citation"]!.DeepClone());
                block["citations"] = citations.DeepClone();
                break;
            case "compaction_delta":
                block["content"] = delta["content"]?.DeepClone();
                if (delta.ContainsKey("encrypted_content"))
                {
                    block["encrypted_content"] = delta["encrypted_content"]?.DeepClone();
                }

                break;
        }
    }

    private void AddBlock(JsonObject block)
    {
        switch ((string?)block["type"])
        {
            case "text":
                _text.Append((string?)block["text"]);
                foreach (var citation in block["citations"] as JsonArray ?? [])
                {
                    _others.Add($"citation {(string?)citation!["type"]} {(string?)citation["cited_text"]}");
                }

                break;
            case "thinking":
                var signature = (string?)block["signature"];
                _thinking.Append((string?)block["thinking"]).Append('|').Append(signature);
                break;
            case "redacted_thinking":
                _thinking.Append('|').Append((string?)block["data"]);
                break;
            case "tool_use":
                _others.Add($"call {(string?)block["id"]} {(string?)block["name"]} {Canonical(block["input"])}");
                break;
            default:
                _others.Add($"block {Canonical(block)}");
                break;
        }
    }

    private void AddUsage(JsonNode? usage)
    {
        _input = (long?)usage?["input_tokens"] ?? _input;
        _cacheRead = (long?)usage?["cache_read_input_tokens"] ?? _cacheRead;
        _cacheWrite = (long?)usage?["cache_creation_input_tokens"] ?? _cacheWrite;
        _output = (long?)usage?["output_tokens"] ?? _output;
    }
}
